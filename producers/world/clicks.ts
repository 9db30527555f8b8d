import { randomOf } from '../shop/random.ts'
import type { PlannedCampaign } from './campaigns.ts'
import type { Journey } from './journeys.ts'
import { HOUR_MS } from './settings.ts'
import type { World } from './world.ts'

/** Between the click and the landing page. */
const LOADING_MS = 700

/** A click on an advertisement, with the campaign that it is of. */
export interface PlannedClick {
  readonly campaign: PlannedCampaign
  readonly clickId: string
  readonly visitorId: string
  /** Euro cents. */
  readonly cost: bigint
  readonly clickedAt: number
}

/** The clicks of an hour, in the order of the visits they lead to. */
export function clicksOfHour(world: World, hour: number): readonly PlannedClick[] {
  const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
  const clicks: PlannedClick[] = []
  for (const journey of world.journeysAround(hour)) {
    const clickedAt = journey.first - LOADING_MS
    if (journey.cause.campaignId === null || clickedAt < from || clickedAt >= to) continue
    const click = clickOf(world, journey, journey.cause.campaignId, clickedAt)
    if (click) clicks.push(click)
  }
  return clicks
}

function clickOf(world: World, journey: Journey, campaignId: string, clickedAt: number): PlannedClick | undefined {
  const campaign = world.marketing.campaigns.named(campaignId)
  if (!campaign) return undefined
  const { sessionId, visitor } = journey
  const random = randomOf(world.settings.seed, 'click', sessionId)
  const cost = BigInt(Math.max(1, Math.round(campaign.costPerClick * (0.8 + 0.4 * random.next()))))
  return { campaign, clickId: `k-${sessionId.slice(2)}`, visitorId: visitor.visitorId, cost, clickedAt }
}
