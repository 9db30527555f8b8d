import type { RuleSet } from './rules.ts'
import { buyersRules } from './silver/buyers.rules.ts'
import { departuresRules } from './silver/departures.rules.ts'
import { hourlyWeatherRules } from './silver/hourly-weather.rules.ts'
import { orderedProductsRules } from './silver/ordered-products.rules.ts'
import { salesRules } from './silver/sales.rules.ts'
import { storeSalesRules } from './silver/store-sales.rules.ts'
import { webActionsRules } from './silver/web-actions.rules.ts'

/** Every set of silver rules: each is a processor, and its figures are in operations.quality.v1. */
export const ruleSets: readonly RuleSet[] = [
  orderedProductsRules,
  webActionsRules,
  buyersRules,
  salesRules,
  storeSalesRules,
  departuresRules,
  hourlyWeatherRules,
]
