import type { AdCampaign, AdChannel } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { MARKETS } from '../shop/markets.ts'
import { randomOf } from '../shop/random.ts'
import { weighted } from './chance.ts'
import { HOUR_MS, type WorldSettings } from './settings.ts'

/** How a channel is: euros a click, clicks an impression, orders a click. */
interface ChannelTerms {
  readonly channel: AdChannel
  readonly costPerClick: number
  readonly clickRate: number
  readonly conversion: number
}

const CHANNELS: readonly ChannelTerms[] = [
  { channel: 'SEARCH', costPerClick: 0.55, clickRate: 0.04, conversion: 0.04 },
  { channel: 'SOCIAL', costPerClick: 0.35, clickRate: 0.012, conversion: 0.018 },
  { channel: 'DISPLAY', costPerClick: 0.2, clickRate: 0.002, conversion: 0.007 },
  { channel: 'VIDEO', costPerClick: 0.3, clickRate: 0.005, conversion: 0.01 },
  { channel: 'EMAIL', costPerClick: 0.05, clickRate: 0.03, conversion: 0.05 },
  { channel: 'AFFILIATE', costPerClick: 0.4, clickRate: 0.02, conversion: 0.03 },
]

/** Every channel has so many campaigns at a time, each lane one behind the other. */
const LANES = 2
const SLOT_DAYS = 28

/** A campaign with what it really brings. */
export interface PlannedCampaign extends AdCampaign {
  readonly market: number
  /** Clicks of an ordinary day. */
  readonly clicksPerDay: number
  readonly clickRate: number
  /** Orders a click. */
  readonly conversion: number
  /** Cents. */
  readonly costPerClick: number
}

function campaignOf(settings: WorldSettings, visitsPerDay: number, terms: ChannelTerms, lane: number, slot: number) {
  const { seed, start } = settings
  const random = randomOf(seed, 'campaign', terms.channel, lane, slot)
  const market = weighted(
    random,
    MARKETS.map(({ share }) => share),
    1,
  )
  const country = MARKETS[market]?.country ?? 'DE'
  const startsAt = start + (slot * SLOT_DAYS + random.integer(4)) * DAY_MS
  const clicksPerDay = visitsPerDay * 0.01 * random.logNormal(1, 0.4)
  const costPerClick = Math.max(1, Math.round(100 * terms.costPerClick * random.logNormal(1, 0.25)))
  const channel = terms.channel
  const campaign: PlannedCampaign = {
    campaignId: `cmp-${seed.toString(36)}-${channel.toLowerCase()}-${lane}-${slot}`,
    name: `${channel.toLowerCase()} ${country} ${String.fromCharCode(65 + lane)}${slot + 1}`,
    channel,
    country,
    dailyBudget: BigInt(Math.round(1.2 * clicksPerDay * costPerClick)),
    startsAt,
    endsAt: startsAt + (16 + random.integer(9)) * DAY_MS,
    bookedAt: Math.max(start, startsAt - 5 * DAY_MS + 10 * HOUR_MS),
    market,
    clicksPerDay,
    clickRate: terms.clickRate * random.logNormal(1, 0.2),
    conversion: Math.min(0.5, terms.conversion * random.logNormal(1, 0.3)),
    costPerClick,
  }
  return campaign
}

/** The campaigns of a world, by when they run. */
export class Campaigns {
  private readonly slots = new Map<number, readonly PlannedCampaign[]>()
  private readonly byId = new Map<string, PlannedCampaign>()
  private readonly settings: WorldSettings
  private readonly visitsPerDay: number

  constructor(settings: WorldSettings, visitsPerDay: number) {
    this.settings = settings
    this.visitsPerDay = visitsPerDay
  }

  /** Campaigns that are shown at an instant. */
  at(instant: number): readonly PlannedCampaign[] {
    return this.ofSlot(this.slotAt(instant)).filter(({ startsAt, endsAt }) => instant >= startsAt && instant < endsAt)
  }

  /** Campaigns booked at or after `from` and before `to`. */
  booked(from: number, to: number): readonly PlannedCampaign[] {
    const found: PlannedCampaign[] = []
    for (let slot = Math.max(0, this.slotAt(from) - 1); slot <= this.slotAt(to) + 1; slot++)
      found.push(...this.ofSlot(slot).filter(({ bookedAt }) => bookedAt >= from && bookedAt < to))
    return found
  }

  /** A campaign that was asked for before, by its id. */
  named(campaignId: string): PlannedCampaign | undefined {
    return this.byId.get(campaignId)
  }

  private slotAt(instant: number): number {
    return Math.floor((instant - this.settings.start) / (SLOT_DAYS * DAY_MS))
  }

  private ofSlot(slot: number): readonly PlannedCampaign[] {
    if (slot < 0) return []
    let campaigns = this.slots.get(slot)
    if (!campaigns) {
      campaigns = CHANNELS.flatMap((terms) =>
        Array.from({ length: LANES }, (_, lane) => campaignOf(this.settings, this.visitsPerDay, terms, lane, slot)),
      )
      this.slots.set(slot, campaigns)
      for (const campaign of campaigns) this.byId.set(campaign.campaignId, campaign)
    }
    return campaigns
  }
}
