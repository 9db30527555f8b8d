import type { RuleSet } from './rules.ts'
import { adReportsRules } from './silver/ad-reports.rules.ts'
import { adVisitsRules } from './silver/ad-visits.rules.ts'
import { buyersRules } from './silver/buyers.rules.ts'
import { checkoutsRules } from './silver/checkouts.rules.ts'
import { codeUsesRules } from './silver/code-uses.rules.ts'
import { departuresRules } from './silver/departures.rules.ts'
import { hourlyWeatherRules } from './silver/hourly-weather.rules.ts'
import { orderedProductsRules } from './silver/ordered-products.rules.ts'
import { salesRules } from './silver/sales.rules.ts'
import { stockChangesRules } from './silver/stock-changes.rules.ts'
import { storeSalesRules } from './silver/store-sales.rules.ts'
import { webActionsRules } from './silver/web-actions.rules.ts'

/** Every set of silver rules: each is a processor, and its figures are in operations.quality.v1. */
export const ruleSets: readonly RuleSet[] = [
  orderedProductsRules,
  webActionsRules,
  buyersRules,
  salesRules,
  adReportsRules,
  adVisitsRules,
  checkoutsRules,
  codeUsesRules,
  stockChangesRules,
  storeSalesRules,
  departuresRules,
  hourlyWeatherRules,
]
