import type { History } from './visits.ts'

const DAY = 86_400_000
/** Who bought within so many days before an instant is looked at there. */
export const ACTIVE_DAYS = 90
/** What an outcome is known by, from the instant on: the time between snapshots, too, so that no outcome counts twice. */
export const OUTCOME_MS = 28 * DAY
export const RECENT_DAYS = 28

/** A household at an instant, by what came before it. */
export interface Snapshot {
  readonly householdId: number
  readonly recencyDays: number
  readonly baskets28: number
  readonly baskets90: number
  /** Cents. */
  readonly spend90: number
}

/** Undefined where the household did not buy within 90 days before the instant. */
export function snapshotAt(history: History, instant: number): Snapshot | undefined {
  const { householdId, at } = history
  const behind = placeOf(at, instant)
  const latest = at[behind - 1]
  if (latest === undefined || latest < instant - ACTIVE_DAYS * DAY) return undefined
  const recent = basketsIn(history, daysBefore(instant, RECENT_DAYS), instant)
  const active = basketsIn(history, daysBefore(instant, ACTIVE_DAYS), instant)
  return {
    ...{ householdId, recencyDays: (instant - latest) / DAY },
    ...{ baskets28: recent.baskets, baskets90: active.baskets, spend90: active.cents },
  }
}

export const daysBefore = (instant: number, days: number): number => instant - days * DAY

/** Days from the household's first basket to the instant; 0 without one before it. */
export const tenureOf = ({ at: [first] }: History, instant: number): number =>
  first === undefined ? 0 : Math.max(0, instant - first) / DAY

export interface Bought {
  readonly baskets: number
  /** Paid for them. */
  readonly cents: number
  /** Place of the first in the history, and behind the last. */
  readonly from: number
  readonly to: number
}

/** Baskets from an instant on and before another. */
export function basketsIn({ at, paidBefore }: History, from: number, to: number): Bought {
  const [first, behind] = [placeOf(at, from), placeOf(at, to)]
  return {
    ...{ baskets: behind - first, cents: (paidBefore[behind] ?? 0) - (paidBefore[first] ?? 0) },
    ...{ from: first, to: behind },
  }
}

/** How many are before the instant. */
function placeOf(at: readonly number[], instant: number): number {
  let [low, high] = [0, at.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((at[middle] ?? 0) < instant) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The instants at which outcomes are known before `asOf`, the latest first: 28 days apart, none before 90 days of history.
 */
export function instantsBefore(asOf: number, histories: readonly History[]): readonly number[] {
  const first = histories.reduce((least, { at }) => Math.min(least, at[0] ?? least), Number.POSITIVE_INFINITY)
  const instants: number[] = []
  for (let at = asOf - OUTCOME_MS; at >= first + ACTIVE_DAYS * DAY; at -= OUTCOME_MS) instants.push(at)
  return instants
}
