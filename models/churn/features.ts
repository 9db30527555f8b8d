import type { History } from './visits.ts'

const DAY = 86_400_000
/** Who bought within so many days before an instant is looked at there. */
const ACTIVE_DAYS = 90
/** And churned where nothing is bought in so many days from it on: the time between snapshots, too, so that no outcome counts twice. */
export const OUTCOME_MS = 28 * DAY
const RECENT_DAYS = 28

/** Recency, frequency, monetary value and trend; logarithms where the tenth more says less than the first. */
export const featureNames = [
  'log days since the latest basket',
  'log days since it, by the usual days between baskets',
  'log baskets of 28 days',
  'log baskets of 90 days',
  'log dollars of 90 days',
  'log baskets of 28 days, by those of a month before',
  'log days since the first basket',
] as const

/** A household at an instant, by what came before it. */
export interface Snapshot {
  readonly householdId: number
  readonly recencyDays: number
  readonly baskets28: number
  readonly baskets90: number
  /** Cents. */
  readonly spend90: number
  /** As `featureNames`. */
  readonly features: readonly number[]
}

/** Undefined where the household did not buy within 90 days before the instant. */
export function snapshotAt({ householdId, at, paidBefore }: History, instant: number): Snapshot | undefined {
  const behind = placeOf(at, instant)
  const latest = at[behind - 1]
  const first = at[0]
  if (latest === undefined || first === undefined || latest < instant - ACTIVE_DAYS * DAY) return undefined
  const since = (days: number): number => placeOf(at, instant - days * DAY)
  const [from28, from90] = [since(RECENT_DAYS), since(ACTIVE_DAYS)]
  const [baskets28, baskets90] = [behind - from28, behind - from90]
  const spend90 = (paidBefore[behind] ?? 0) - (paidBefore[from90] ?? 0)
  const recencyDays = (instant - latest) / DAY
  const tenure = (instant - first) / DAY
  const usualGap = behind > 1 ? (latest - first) / DAY / (behind - 1) : RECENT_DAYS
  const monthBefore = (from28 - from90) * (RECENT_DAYS / (ACTIVE_DAYS - RECENT_DAYS))
  const log = (value: number): number => Math.log1p(Math.max(0, value))
  return {
    ...{ householdId, recencyDays, baskets28, baskets90, spend90 },
    features: [
      log(recencyDays),
      log(recencyDays) - log(usualGap),
      log(baskets28),
      log(baskets90),
      log(spend90 / 100),
      log(baskets28) - log(monthBefore),
      log(tenure),
    ],
  }
}

/** Whether nothing was bought in the 28 days from the instant on. */
export const churnedAfter = ({ at }: History, instant: number): boolean =>
  (at[placeOf(at, instant)] ?? Number.POSITIVE_INFINITY) >= instant + OUTCOME_MS

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

export interface Labelled extends Snapshot {
  readonly churned: boolean
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

/** Every household that is active at the instants, with what became of it. */
export const labelledAt = (histories: readonly History[], instants: readonly number[]): readonly Labelled[] =>
  instants.flatMap((instant) =>
    histories.flatMap((history) => {
      const snapshot = snapshotAt(history, instant)
      return snapshot === undefined ? [] : [{ ...snapshot, churned: churnedAfter(history, instant) }]
    }),
  )
