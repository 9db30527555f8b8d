import { crm } from './crm.ts'
import type { Domain } from './domain.ts'
import { truth } from './truth.ts'
import { web } from './web.ts'

export type { Domain } from './domain.ts'

/** Every source of the world. */
export const domains: readonly Domain[] = [web, crm, truth]
