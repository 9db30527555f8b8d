import { band, shareResidual } from './evidence.ts'
import { type Judgement, newWatch, observe, type Rules, type Verdict, type Watch } from './watch.ts'

/** Windows in which a sudden change of the share is judged. Milliseconds. */
export const SHARE_WINDOW = 15 * 60_000

/** Windows in which a slow change is judged: four a day. Milliseconds. */
export const SLOW_WINDOW = 6 * 3_600_000

interface Share {
  readonly start: number
  readonly slow: boolean
  readonly carts: number
  readonly abandoned: number
}

/** A share learned from past carts, which fade. */
interface Baseline {
  carts: number
  abandoned: number
}

/** All that is remembered of one country: plain data. */
export interface ShareState {
  /** Start of the first window; -1 before the first row. */
  began: number
  /** Start of the window being filled; -1 before the first row. */
  start: number
  carts: number
  abandoned: number
  /** Of late; gives way after an alarm that does not end. */
  readonly baseline: Baseline
  /** Of weeks: what comes back to it is no news, whatever the last days were like. */
  readonly reference: Baseline
  /** The reference by hour of the day, UTC: carts left behind are decided later than carts bought, so evenings differ. */
  readonly hours: Baseline[]
  readonly sudden: Watch<Share>
  readonly slow: Watch<Share>
  slowStart: number
  slowCarts: number
  slowAbandoned: number
  /** Windows without a cart, in a row. */
  silent: number
}

export const newShareState = (): ShareState => ({
  began: -1,
  start: -1,
  carts: 0,
  abandoned: 0,
  baseline: { carts: 0, abandoned: 0 },
  reference: { carts: 0, abandoned: 0 },
  hours: Array.from({ length: 24 }, () => ({ carts: 0, abandoned: 0 })),
  sudden: newWatch(),
  slow: newWatch(),
  slowStart: -1,
  slowCarts: 0,
  slowAbandoned: 0,
  silent: 0,
})

/** Time after which a past cart counts half: in the baseline, and in the reference. */
const HALF_LIFE = 2 * 86_400_000
const LONG_HALF_LIFE = 7 * 86_400_000

/** Carts that the whole day's share weighs against those of one hour. */
const PRIOR = 100

/** Carts, and time, that a baseline needs before anything is judged by it. */
const ENOUGH = 200
const WARM_UP = 86_400_000

/** At the very beginning carts were bought already but none could be abandoned yet: nothing is learned from that hour. */
const SETTLING = 3_600_000

/** Squared relative spread of the share between hours that nobody would call odd. */
const SPREAD = 0.002

/** How much the odds of a bought cart have to change before it matters: in a quarter of an hour, and in six hours. */
const SUDDEN_ODDS = 2.5
const SLOW_ODDS = 1.3

export const ASLEEP_AFTER = 24

export function addCarts(state: ShareState, minute: number, carts: number, abandoned: number): void {
  if (state.start === -1) {
    state.start = Math.floor(minute / SHARE_WINDOW) * SHARE_WINDOW
    state.began = state.start
  }
  if (state.slowStart === -1) state.slowStart = Math.floor(minute / SLOW_WINDOW) * SLOW_WINDOW
  if (minute < state.start) return
  state.carts += carts
  state.abandoned += abandoned
}

/** Closes the window being filled, and the slow one where it ends with it; judges both. */
export function closeShare(state: ShareState): readonly Verdict[] {
  const window: Share = { start: state.start, slow: false, carts: state.carts, abandoned: state.abandoned }
  state.start += SHARE_WINDOW
  state.carts = 0
  state.abandoned = 0
  state.silent = window.carts === 0 ? state.silent + 1 : 0
  const sudden = judgeOne(state, window)
  // What a sudden alarm already told of is not told again as slow.
  if (!state.sudden.alarm && sudden === undefined) {
    state.slowCarts += window.carts
    state.slowAbandoned += window.abandoned
  }
  const slow = state.start >= state.slowStart + SLOW_WINDOW ? closeSlow(state) : undefined
  return [sudden, slow].filter((verdict) => verdict !== undefined)
}

/** Skips windows without a cart: nothing can be learned from none. */
export function sleepUntil(state: ShareState, minute: number): void {
  state.start = Math.floor(minute / SHARE_WINDOW) * SHARE_WINDOW
  const slowStart = Math.floor(minute / SLOW_WINDOW) * SLOW_WINDOW
  if (slowStart > state.slowStart) {
    state.slowStart = slowStart
    state.slowCarts = 0
    state.slowAbandoned = 0
  }
  state.silent = 0
  state.sudden.recent = []
  state.sudden.alarm = null
}

function judgeOne(state: ShareState, window: Share): Verdict | undefined {
  if (!isWarm(state)) {
    if (window.start >= state.began + SETTLING) learnShare(state, window)
    return undefined
  }
  const { verdict, ordinary, gaveUp } = observe(
    state.sudden,
    window,
    rulesOf(state, SHARE_WINDOW, 2, 5, SUDDEN_ODDS, 24),
  )
  // While a slow alarm lasts, the baseline stays where it was before it.
  for (const one of ordinary) if (!state.slow.alarm) learnShare(state, one)
  if (gaveUp) restart(state.baseline)
  return verdict
}

function closeSlow(state: ShareState): Verdict | undefined {
  const window: Share = { start: state.slowStart, slow: true, carts: state.slowCarts, abandoned: state.slowAbandoned }
  state.slowStart = Math.floor(state.start / SLOW_WINDOW) * SLOW_WINDOW
  state.slowCarts = 0
  state.slowAbandoned = 0
  if (!isWarm(state)) return undefined
  const { verdict, gaveUp } = observe(state.slow, window, rulesOf(state, SLOW_WINDOW, 1, 4, SLOW_ODDS, 12))
  if (gaveUp) restart(state.baseline)
  return verdict
}

const isWarm = ({ reference, start, began }: ShareState): boolean =>
  reference.carts >= ENOUGH && start >= began + WARM_UP

/** What an endless alarm saw may be the new normal: the past weighs little from here on. */
function restart(baseline: Baseline): void {
  const fading = Math.min(1, ENOUGH / baseline.carts)
  baseline.carts *= fading
  baseline.abandoned *= fading
}

const rulesOf = (
  state: ShareState,
  size: number,
  spans: number,
  limit: number,
  odds: number,
  giveUpAfter: number,
): Rules<Share> => ({
  startOf: (window) => window.start,
  spans,
  size,
  limit,
  staying: 2.5,
  giveUpAfter,
  judge: (windows, edge) => judgeShare(state, windows, edge, odds),
})

/**
 * High is what is high for both the baseline and the reference, low what is low for both: coming back to normal after a
 * change that lasted is neither.
 */
function judgeShare(state: ShareState, windows: readonly Share[], limit: number, odds: number): Judgement {
  const carts = windows.reduce((sum, window) => sum + window.carts, 0)
  const abandoned = windows.reduce((sum, window) => sum + window.abandoned, 0)
  const usual = usualShare(state, windows.at(-1))
  const expected = shareOfOdds((oddsOf(shareOf(state.baseline)) * oddsOf(usual)) / oddsOf(shareOf(state.reference)))
  if (carts === 0) return { residual: 0, material: false, actual: expected, expected, lower: 0, upper: 1 }
  const [least, most] = [Math.min(expected, usual), Math.max(expected, usual)]
  const spread = SPREAD + 1 / state.baseline.carts
  const [below, above] = [shareResidual(carts, least, spread), shareResidual(carts, most, spread)]
  const [low, high] = [below(abandoned), above(abandoned)]
  const [lower] = band(below, carts * least, carts, limit)
  const [, upper] = band(above, carts * most, carts, limit)
  const seen = oddsOf((abandoned + 0.5) / (carts + 1))
  return {
    residual: high > 0 ? high : Math.min(0, low),
    material: seen >= odds * oddsOf(most) || seen <= oddsOf(least) / odds,
    actual: abandoned / carts,
    expected,
    lower: lower / carts,
    upper: upper / carts,
  }
}

const shareOf = ({ carts, abandoned }: Baseline): number => (abandoned + 1) / (carts + 2)
/** The reference for a window: of its hour, or of the whole day for a window of many hours. */
function usualShare({ reference, hours }: ShareState, window: Share | undefined): number {
  const share = shareOf(reference)
  const hour = window && !window.slow ? hours[hourOf(window.start)] : undefined
  return hour ? (hour.abandoned + PRIOR * share) / (hour.carts + PRIOR) : share
}

const hourOf = (time: number): number => Math.floor(time / 3_600_000) % 24
const shareOfOdds = (odds: number): number => odds / (1 + odds)
const oddsOf = (share: number): number => share / (1 - share)

function learnShare(state: ShareState, window: Share): void {
  fade(state.baseline, window, 0.5 ** (SHARE_WINDOW / HALF_LIFE))
  fade(state.reference, window, 0.5 ** (SHARE_WINDOW / LONG_HALF_LIFE))
  const hour = state.hours[hourOf(window.start)]
  // An hour comes once a day: its four windows fade it as much as a whole day fades the rest.
  if (hour) fade(hour, window, 0.5 ** (86_400_000 / 4 / LONG_HALF_LIFE))
}

function fade(baseline: Baseline, window: Share, fading: number): void {
  baseline.carts = baseline.carts * fading + window.carts
  baseline.abandoned = baseline.abandoned * fading + window.abandoned
}
