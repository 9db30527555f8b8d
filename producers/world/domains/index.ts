import { ads } from './ads.ts'
import { crm } from './crm.ts'
import type { Domain } from './domain.ts'
import { flights } from './flights.ts'
import { influencers } from './influencers.ts'
import { inventory } from './inventory.ts'
import { truth } from './truth.ts'
import { ventes } from './ventes.ts'
import { weather } from './weather.ts'
import { web } from './web.ts'

export type { Domain } from './domain.ts'

/** Every source of the world. */
export const domains: readonly Domain[] = [web, crm, ads, influencers, inventory, ventes, flights, weather, truth]
