import { deliverySuite } from '../crash-delivery/suite.ts'
import { connectorsSuite } from './connectors-suite.ts'
import { engineSuite } from './engine-suite.ts'
import type { Suite } from './suite.ts'

/** Every suite of `npm run crash`, by the name that `--suite` takes. */
export const suites: ReadonlyMap<string, Suite> = new Map(
  [engineSuite, deliverySuite, connectorsSuite].map((suite) => [suite.name, suite]),
)
