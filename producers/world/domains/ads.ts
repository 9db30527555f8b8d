import { adCampaigns, adClicks, adSpend } from '#schemas'
import { randomOf } from '../../shop/random.ts'
import type { PlannedCampaign } from '../campaigns.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import { HOUR_MS } from '../settings.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** Advertising: what is booked, every click, and what the networks report and charge. */
export const ads: Domain = {
  name: 'ads',
  doc: 'advertising: campaigns, spend and impressions as the networks report them, clicks by channel',
  topics: [adCampaigns, adSpend, adClicks],

  hour(world, hour) {
    const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const events = world.marketing.campaigns.booked(from, to).map(campaignEvent)
    for (const { campaign, clickId, visitorId, cost, clickedAt } of world.clicks(hour)) {
      const { campaignId, channel, country } = campaign
      events.push(happening(adClicks, { clickId, campaignId, channel, country, visitorId, cost, clickedAt }))
    }
    const hours = world.settings.frequency === 'daily' ? 24 : 1
    if (hour % hours === 0) events.push(...reports(world, hour - hours, hour))
    return inOrder(events)
  },

  before: (world, instant) =>
    inOrder(
      world.marketing.campaigns
        .booked(world.settings.start, instant)
        .filter(({ endsAt }) => endsAt > instant)
        .map(campaignEvent),
    ),
}

function campaignEvent(campaign: PlannedCampaign): WorldEvent {
  const { campaignId, name, channel, country, dailyBudget, startsAt, endsAt, bookedAt } = campaign
  return happening(adCampaigns, { campaignId, name, channel, country, dailyBudget, startsAt, endsAt, bookedAt })
}

/** What networks report when a period is over, of every campaign that was shown in it. */
function reports(world: World, fromHour: number, toHour: number): WorldEvent[] {
  const { settings, marketing } = world
  const [periodStart, periodEnd] = [Math.max(fromHour * HOUR_MS, settings.start), toHour * HOUR_MS]
  if (periodEnd <= periodStart) return []
  const sums = new Map<PlannedCampaign, { clicks: number; spend: bigint }>()
  for (let hour = periodStart / HOUR_MS; hour < toHour; hour++) {
    for (const campaign of marketing.campaigns.at(hour * HOUR_MS))
      if (!sums.has(campaign)) sums.set(campaign, { clicks: 0, spend: 0n })
    for (const { campaign, cost } of world.clicks(hour)) {
      const sum = sums.get(campaign) ?? { clicks: 0, spend: 0n }
      sums.set(campaign, { clicks: sum.clicks + 1, spend: sum.spend + cost })
    }
  }
  return [...sums].map(([campaign, { clicks, spend }]) => {
    const { campaignId, channel, country, clickRate } = campaign
    const random = randomOf(settings.seed, 'impressions', campaignId, periodStart)
    const impressions = Math.round(((clicks + random.next()) / clickRate) * (0.9 + 0.2 * random.next()))
    return happening(adSpend, { campaignId, channel, country, impressions, clicks, spend, periodStart, periodEnd })
  })
}
