import type { Promotion, PromotionEffect } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { MARKETS } from '../shop/markets.ts'
import { randomOf } from '../shop/random.ts'
import { HOUR_MS, type WorldSettings } from './settings.ts'

/** A promotion comes every three weeks or so. */
const EVERY_DAYS = 21
const DISCOUNTS = [10, 15, 20, 25, 30]

/** A promotion with what it really does. */
export interface PlannedPromotion extends Promotion, Pick<PromotionEffect, 'orderFactor'> {
  readonly countries: string[]
}

/** The promotion with this number, from 0: a formula of seed and number. */
export function promotionOf(
  { seed, start }: WorldSettings,
  number: number,
  categories: readonly string[],
): PlannedPromotion {
  const random = randomOf(seed, 'promotion', number)
  const startsAt = start + (number * EVERY_DAYS + 4 + random.integer(8)) * DAY_MS
  const days = 4 + random.integer(6)
  const category = random.pick(categories)
  const discountPercent = random.pick(DISCOUNTS)
  const order = MARKETS.map(({ country }) => ({ country, turn: random.next() })).sort((a, b) => a.turn - b.turn)
  const countries = order.slice(0, MARKETS.length / 2).map(({ country }) => country)
  return {
    promotionId: `promo-${seed.toString(36)}-${number}`,
    name: `${days} days of ${category}: −${discountPercent} %`,
    category,
    countries: countries.sort(),
    discountPercent,
    startsAt,
    endsAt: startsAt + days * DAY_MS,
    announcedAt: startsAt - 3 * DAY_MS + 9 * HOUR_MS,
    orderFactor: Math.round((1 + (discountPercent * (2 + 2 * random.next())) / 100) * 100) / 100,
  }
}

/** Promotions announced at or after `from` and before `to`. */
export function promotionsAnnounced(settings: WorldSettings, categories: readonly string[], from: number, to: number) {
  const found: PlannedPromotion[] = []
  for (let number = 0; settings.start + number * EVERY_DAYS * DAY_MS < to + DAY_MS; number++) {
    const promotion = promotionOf(settings, number, categories)
    if (promotion.announcedAt >= from && promotion.announcedAt < to) found.push(promotion)
  }
  return found
}

/** Promotions that run at an instant. */
export function promotionsAt(settings: WorldSettings, categories: readonly string[], instant: number) {
  const latest = Math.floor((instant - settings.start) / (EVERY_DAYS * DAY_MS))
  return [latest - 1, latest]
    .filter((number) => number >= 0)
    .map((number) => promotionOf(settings, number, categories))
    .filter(({ startsAt, endsAt }) => instant >= startsAt && instant < endsAt)
}
