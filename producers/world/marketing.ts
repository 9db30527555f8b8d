import type { DiscountCode } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { MARKETS, type Market } from '../shop/markets.ts'
import type { Random } from '../shop/random.ts'
import { Campaigns, type PlannedCampaign } from './campaigns.ts'
import { EFFECT_DAYS, Influence } from './influence.ts'
import { type Cause, ORGANIC } from './orders.ts'
import type { Shopper } from './population.ts'
import { demandAt, hourShare, marketIndex } from './seasons.ts'
import { HOUR_MS, type WorldSettings } from './settings.ts'

/** Orders that something causes in an hour. */
export interface OrdersCaused {
  /** Names the source within the hour. */
  readonly name: string
  readonly market: number
  /** How many are expected. */
  readonly mean: number
  /** First instant at which they can be placed. */
  readonly from: number
  readonly cause: Cause
  /** The code that goes with it. */
  readonly code?: DiscountCode
}

/** What advertising and influencers bring, and why a newcomer came. */
export class Marketing {
  readonly campaigns: Campaigns
  readonly influence: Influence
  private readonly settings: WorldSettings

  constructor(settings: WorldSettings, visitsPerDay: number, categories: readonly string[]) {
    this.settings = settings
    this.campaigns = new Campaigns(settings, visitsPerDay)
    this.influence = new Influence(settings, visitsPerDay, categories)
  }

  /** Clicks that a campaign gets in an hour, as expected. */
  clicks({ market, clicksPerDay }: PlannedCampaign, hour: number): number {
    const start = hour * HOUR_MS
    const own = MARKETS[market] as Market
    return clicksPerDay * (hourShare(own, start) / own.share) * demandAt(start, this.settings.start)
  }

  ordersCaused(hour: number): readonly OrdersCaused[] {
    const [start, end] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const found: OrdersCaused[] = []
    for (const campaign of this.campaigns.at(start)) {
      const { campaignId, market, conversion } = campaign
      const cause: Cause = { kind: 'CAMPAIGN', campaignId, postId: null }
      found.push({
        name: `a${found.length.toString(36)}.`,
        market,
        mean: this.clicks(campaign, hour) * conversion,
        from: start,
        cause,
      })
    }
    for (const post of this.influence.published(start - EFFECT_DAYS * DAY_MS, end)) {
      const { influencer, postId } = post
      const { market, code, ordersPerPost } = influencer
      const cause: Cause = { kind: 'INFLUENCER', campaignId: null, postId }
      const mean = ordersPerPost * this.influence.effect(post, start, end)
      found.push({
        name: `i${found.length.toString(36)}.`,
        market,
        mean,
        from: Math.max(start, post.publishedAt),
        cause,
        code,
      })
    }
    return found
  }

  /** Why somebody registers: a campaign or a post that reaches their country, or nothing of ours. */
  broughtBy(buyer: Shopper, random: Random): { readonly cause: Cause; readonly code?: DiscountCode } {
    const { registeredAt: at } = buyer
    const market = marketIndex(buyer.market.country)
    const what = random.next()
    if (what < 0.35) {
      const campaigns = this.campaigns.at(at).filter((campaign) => campaign.market === market)
      const campaign = campaigns.length > 0 ? random.pick(campaigns) : undefined
      if (campaign) return { cause: { kind: 'CAMPAIGN', campaignId: campaign.campaignId, postId: null } }
    } else if (what < 0.5) {
      const posts = this.influence
        .published(at - 3 * DAY_MS, at)
        .filter(({ influencer }) => influencer.market === market)
      const post = posts.length > 0 ? random.pick(posts) : undefined
      if (post) {
        const cause: Cause = { kind: 'INFLUENCER', campaignId: null, postId: post.postId }
        return random.chance(0.8) ? { cause, code: post.influencer.code } : { cause }
      }
    }
    return { cause: ORGANIC }
  }

  /** A code that goes round. */
  codeAt(random: Random): DiscountCode {
    return random.pick(this.influence.influencers).code
  }
}
