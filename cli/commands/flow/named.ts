import { KappaError } from '#engine/errors'
import type { DeclaredFlow } from '../../../deploy/flows.ts'

/** Throws CONFIG_INVALID telling those there are. */
export function flowNamed(name: string, flows: readonly DeclaredFlow[]): DeclaredFlow {
  const found = flows.find((flow) => flow.name === name)
  if (found !== undefined) return found
  const known = flows.map((flow) => flow.name).join(', ')
  throw new KappaError('CONFIG_INVALID', `looking for the flow '${name}': there are ${known}`)
}
