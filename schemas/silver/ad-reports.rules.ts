import { adCampaigns, adReports, adSpend } from '../generated/index.ts'
import { finds, made, outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

const UNKNOWN = 'unknown'
const DAY_MS = 86_400_000

/** Networks overspend a day's budget and make up for it; from so many times on the figure is wrong. */
const TIMES = 10

interface Spent {
  readonly spend: bigint
  readonly dailyBudget: bigint
  readonly periodStart: number
  readonly periodEnd: number
}

/** What networks report of campaigns. A report of the same period that says otherwise is a correction: the later one stands. */
export const adReportsRules = ruleSet(adReports, {
  name: 'ad-reports',
  doc: 'Reports of advertising networks with their campaign, judged, corrections applied, without duplicates.',
  identity: ['campaignId', 'periodStart'],
  sources: [
    sourceOf(adReports, adSpend, {
      name: 'advertising',
      pass: {
        campaignId: 'campaignId',
        channel: 'channel',
        country: 'country',
        impressions: 'impressions',
        clicks: 'clicks',
        spend: 'spend',
        periodStart: 'periodStart',
        periodEnd: 'periodEnd',
      },
      made: { currency: made([], () => 'EUR') },
      wanted: ['campaignId', 'channel', 'country', 'impressions', 'clicks', 'spend'],
      expect: { completeness: 0.99, uniqueness: 0.98, validity: 0.98 },
      versions: true,
      corrects: true,
    }),
  ],
  references: [refersTo(adCampaigns, { by: 'campaignId', take: { bookedName: 'name', dailyBudget: 'dailyBudget' } })],
  derived: {
    campaignName: made(['bookedName'], (row: { bookedName: string | null }) => row.bookedName ?? UNKNOWN),
  },
  checks: [
    finds('outlier:clicks', ['clicks', 'impressions'], (row: { clicks: number; impressions: number }) => {
      return row.clicks > row.impressions
    }),
    outside('spend', { min: 0, scale: 2 }),
    finds(
      'outlier:spend',
      ['spend', 'dailyBudget', 'periodStart', 'periodEnd'],
      ({ spend, dailyBudget, periodStart, periodEnd }: Spent) =>
        Number(spend) > (Number(dailyBudget) * TIMES * (periodEnd - periodStart)) / DAY_MS,
      { times: TIMES },
    ),
  ],
})
