import { adCampaigns, adClicks, adVisits } from '../generated/index.ts'
import { finds, made, outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

const UNKNOWN = 'unknown'

/** Clicks on advertisements. One outside the days for which its campaign was booked is kept, and flagged: somebody has to ask. */
export const adVisitsRules = ruleSet(adVisits, {
  name: 'ad-visits',
  doc: 'Clicks on advertisements with their campaign, judged, without duplicates.',
  identity: ['campaignId', 'clickId'],
  remember: '30 days',
  sources: [
    sourceOf(adVisits, adClicks, {
      name: 'advertising',
      pass: {
        clickId: 'clickId',
        campaignId: 'campaignId',
        channel: 'channel',
        country: 'country',
        visitorId: 'visitorId',
        cost: 'cost',
        clickedAt: 'clickedAt',
      },
      made: { currency: made([], () => 'EUR') },
      wanted: ['clickId', 'campaignId', 'channel', 'country', 'visitorId', 'cost'],
      expect: { completeness: 0.99, uniqueness: 0.98, validity: 0.98 },
    }),
  ],
  references: [
    refersTo(adCampaigns, { by: 'campaignId', take: { bookedName: 'name', startsAt: 'startsAt', endsAt: 'endsAt' } }),
  ],
  derived: {
    campaignName: made(['bookedName'], (row: { bookedName: string | null }) => row.bookedName ?? UNKNOWN),
  },
  checks: [
    outside('cost', { min: 0.01, max: 5, scale: 2 }),
    finds(
      'outlier:clickedAt',
      ['clickedAt', 'startsAt', 'endsAt'],
      (row: { clickedAt: number; startsAt: number; endsAt: number }) =>
        row.clickedAt < row.startsAt || row.clickedAt >= row.endsAt,
    ),
  ],
})
