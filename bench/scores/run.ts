// Scores over the retailer's year: models of the earlier months on months that they have not seen, beside a plain RFM rule; and
// segments, beside those of RFM.
//   node --import tsx bench/scores/run.ts [--as-of 2018-01-01] [--held-out 3] [--only churn|upsell|segments]
// --held-out: how many of the latest periods of 28 days are measured on; models and rule are of those before them.
import { parseArgs } from 'node:util'
import { churn, upsell } from '../../models/scores/index.ts'
import { dayOf, startOfDay } from '../../producers/calendar.ts'
import { historiesBefore } from './purchases.ts'
import { tellScore } from './score.ts'
import { tellSegments } from './segments.ts'

const { values } = parseArgs({
  options: {
    'as-of': { type: 'string', default: '2018-01-01' },
    'held-out': { type: 'string', default: '3' },
    only: { type: 'string' },
  },
})

const asOf = startOfDay(dayOf(values['as-of'], '--as-of'), 'America/New_York')
const heldOut = Number(values['held-out'])
const histories = await historiesBefore(asOf)
for (const score of [churn, upsell])
  if ((values.only ?? score.name) === score.name) tellScore(score, histories, asOf, heldOut)
if ((values.only ?? 'segments') === 'segments') tellSegments(histories, asOf, heldOut)
