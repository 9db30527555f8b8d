import type { DiscountCode, Influencer, Platform, Post } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { MARKETS } from '../shop/markets.ts'
import { randomOf } from '../shop/random.ts'
import { weighted } from './chance.ts'
import { type WorldSettings, YEAR_MS } from './settings.ts'

const INFLUENCERS = 12
/** Each influencer posts now and then in slots of so many days. */
const SLOT_DAYS = 6
const POSTS_PER_SLOT = 0.8
const PLATFORMS: readonly Platform[] = ['INSTAGRAM', 'INSTAGRAM', 'TIKTOK', 'TIKTOK', 'YOUTUBE', 'BLOG']
const DISCOUNTS = [5, 10, 10, 15]
/** A post's effect fades with this time constant, and is over after `EFFECT_DAYS`. */
const FADES_DAYS = 1.5
export const EFFECT_DAYS = 7
/** Orders that a post causes for a visit of an ordinary day. */
const ORDERS_PER_VISIT = 0.0015

/** An influencer with what their posts really do. */
export interface PlannedInfluencer extends Influencer {
  readonly market: number
  readonly code: DiscountCode
  /** Orders that each post causes. */
  readonly ordersPerPost: number
  /** Euro cents a post. */
  readonly feePerPost: number
}

export interface PlannedPost extends Post {
  readonly influencer: PlannedInfluencer
}

/** Share of each order placed with a code that its influencer is paid, in percent of the euros paid. */
export const COMMISSION_PERCENT = 8

export class Influence {
  readonly influencers: readonly PlannedInfluencer[]
  private readonly settings: WorldSettings

  constructor(settings: WorldSettings, visitsPerDay: number, categories: readonly string[]) {
    this.settings = settings
    this.influencers = Array.from({ length: INFLUENCERS }, (_, i) =>
      influencerOf(settings, visitsPerDay, categories, i),
    )
  }

  /** Posts published at or after `from` and before `to`, in no order. */
  published(from: number, to: number): PlannedPost[] {
    const { start } = this.settings
    const posts: PlannedPost[] = []
    const slotOf = (instant: number) => Math.floor((instant - start) / (SLOT_DAYS * DAY_MS))
    for (let slot = Math.max(0, slotOf(from)); slot <= slotOf(to); slot++)
      for (const influencer of this.influencers) {
        const post = this.postOf(influencer, slot)
        if (post && post.publishedAt >= from && post.publishedAt < to) posts.push(post)
      }
    return posts
  }

  /** Share of a post's effect that falls between two instants. */
  effect({ publishedAt }: Post, from: number, to: number): number {
    const until = (instant: number) => {
      const days = Math.min(EFFECT_DAYS, Math.max(0, instant - publishedAt) / DAY_MS)
      return (1 - Math.exp(-days / FADES_DAYS)) / (1 - Math.exp(-EFFECT_DAYS / FADES_DAYS))
    }
    return until(to) - until(from)
  }

  /** Followers as they are counted at an instant: each influencer wins or loses some by the year, and loses and wins back a few by the day. */
  followersAt({ influencerId, followers }: Influencer, instant: number): number {
    const { seed, start } = this.settings
    const random = randomOf(seed, 'followers', influencerId)
    const aYear = -0.05 + 0.45 * random.next()
    const daily = 0.002 * Math.sin(2 * Math.PI * (instant / DAY_MS + random.next()))
    return Math.max(0, Math.round(followers * (1 + (aYear * (instant - start)) / YEAR_MS + daily)))
  }

  private postOf(influencer: PlannedInfluencer, slot: number): PlannedPost | undefined {
    const { seed, start } = this.settings
    const random = randomOf(seed, 'post', influencer.influencerId, slot)
    if (!random.chance(POSTS_PER_SLOT)) return undefined
    return {
      influencer,
      postId: `post-${influencer.influencerId.slice(4)}-${slot}`,
      influencerId: influencer.influencerId,
      code: influencer.code.code,
      reach: Math.round(influencer.followers * (0.2 + 0.5 * random.next())),
      publishedAt: Math.floor(start + (slot + random.next()) * SLOT_DAYS * DAY_MS),
    }
  }
}

function influencerOf(
  { seed, start }: WorldSettings,
  visitsPerDay: number,
  categories: readonly string[],
  number: number,
): PlannedInfluencer {
  const random = randomOf(seed, 'influencer', number)
  const influencerId = `inf-${seed.toString(36)}-${number}`
  const market = weighted(
    random,
    MARKETS.map(({ share }) => share),
    1,
  )
  const category = random.pick(categories)
  const discountPercent = random.pick(DISCOUNTS)
  const followers = Math.round(random.logNormal(40_000, 0.9))
  return {
    influencerId,
    platform: random.pick(PLATFORMS),
    country: MARKETS[market]?.country ?? 'DE',
    category,
    followers,
    validFrom: start,
    market,
    code: {
      code: `${category.toUpperCase()}${number + 1}X${discountPercent}`,
      influencerId,
      discountPercent,
      validFrom: start,
    },
    ordersPerPost: visitsPerDay * ORDERS_PER_VISIT * random.logNormal(1, 0.7),
    feePerPost: Math.round(followers * (0.5 + random.next())),
  }
}
