import { pathToFileURL } from 'node:url'
import { processorsModule } from '../deploy/config.ts'
import { processors as house, type Processor } from '../processors/index.ts'

export type { Processor }

const own = processorsModule()

/** Every processor that commands know: the house's, or those of the module that KAPPA_PROCESSORS names. */
export const processors: readonly Processor[] =
  own === undefined
    ? house
    : ((await import(pathToFileURL(own).href)) as { readonly processors: readonly Processor[] }).processors
