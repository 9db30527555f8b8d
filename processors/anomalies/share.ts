import { band, shareResidual } from './evidence.ts'
import { type Judgement, newWatch, observe, type Rules, type Verdict, type Watch } from './watch.ts'

/** Windows in which a sudden change of the share is judged. Milliseconds. */
export const SHARE_WINDOW = 15 * 60_000

/** Windows in which a slow change is judged: four a day. Milliseconds. */
export const SLOW_WINDOW = 6 * 3_600_000

interface Share {
  readonly start: number
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
  /** Start of the window being filled; -1 before the first row. */
  start: number
  carts: number
  abandoned: number
  readonly baseline: Baseline
  readonly sudden: Watch<Share>
  readonly slow: Watch<Share>
  slowStart: number
  slowCarts: number
  slowAbandoned: number
  /** Windows without a cart, in a row. */
  silent: number
}

export const newShareState = (): ShareState => ({
  start: -1,
  carts: 0,
  abandoned: 0,
  baseline: { carts: 0, abandoned: 0 },
  sudden: newWatch(),
  slow: newWatch(),
  slowStart: -1,
  slowCarts: 0,
  slowAbandoned: 0,
  silent: 0,
})

/** Time after which a past cart counts half in the baseline. */
const HALF_LIFE = 2 * 86_400_000

/** Carts that a baseline needs before anything is judged by it. */
const ENOUGH = 200

/** Squared relative spread of the share between hours that nobody would call odd. */
const SPREAD = 0.002

/** How much the odds of a bought cart have to change before it matters: in a quarter of an hour, and in six hours. */
const SUDDEN_ODDS = 2.5
const SLOW_ODDS = 1.3

export const ASLEEP_AFTER = 24

export function addCarts(state: ShareState, minute: number, carts: number, abandoned: number): void {
  if (state.start === -1) state.start = Math.floor(minute / SHARE_WINDOW) * SHARE_WINDOW
  if (state.slowStart === -1) state.slowStart = Math.floor(minute / SLOW_WINDOW) * SLOW_WINDOW
  if (minute < state.start) return
  state.carts += carts
  state.abandoned += abandoned
}

/** Closes the window being filled, and the slow one where it ends with it; judges both. */
export function closeShare(state: ShareState): readonly Verdict[] {
  const window: Share = { start: state.start, carts: state.carts, abandoned: state.abandoned }
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
  const { baseline } = state
  if (baseline.carts < ENOUGH) {
    learnShare(baseline, window)
    return undefined
  }
  const { verdict, ordinary, gaveUp } = observe(
    state.sudden,
    window,
    rulesOf(baseline, SHARE_WINDOW, 2, 5, SUDDEN_ODDS, 24),
  )
  // While a slow alarm lasts, the baseline stays where it was before it.
  for (const one of ordinary) if (!state.slow.alarm) learnShare(baseline, one)
  if (gaveUp) restart(baseline)
  return verdict
}

function closeSlow(state: ShareState): Verdict | undefined {
  const window: Share = { start: state.slowStart, carts: state.slowCarts, abandoned: state.slowAbandoned }
  state.slowStart = Math.floor(state.start / SLOW_WINDOW) * SLOW_WINDOW
  state.slowCarts = 0
  state.slowAbandoned = 0
  if (state.baseline.carts < ENOUGH) return undefined
  const { verdict, gaveUp } = observe(state.slow, window, rulesOf(state.baseline, SLOW_WINDOW, 1, 4.5, SLOW_ODDS, 12))
  if (gaveUp) restart(state.baseline)
  return verdict
}

/** What an endless alarm saw may be the new normal: the past weighs little from here on. */
function restart(baseline: Baseline): void {
  const fading = Math.min(1, ENOUGH / baseline.carts)
  baseline.carts *= fading
  baseline.abandoned *= fading
}

const rulesOf = (
  baseline: Baseline,
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
  judge: (windows, edge) => judgeShare(baseline, windows, edge, odds),
})

function judgeShare(baseline: Baseline, windows: readonly Share[], limit: number, odds: number): Judgement {
  const carts = windows.reduce((sum, window) => sum + window.carts, 0)
  const abandoned = windows.reduce((sum, window) => sum + window.abandoned, 0)
  const expected = (baseline.abandoned + 1) / (baseline.carts + 2)
  if (carts === 0) return { residual: 0, material: false, actual: expected, expected, lower: 0, upper: 1 }
  const residualOf = shareResidual(carts, expected, SPREAD + 1 / baseline.carts)
  const [lower, upper] = band(residualOf, carts * expected, carts, limit)
  const seen = (abandoned + 0.5) / (carts - abandoned + 0.5)
  const ratio = seen / (expected / (1 - expected))
  return {
    residual: residualOf(abandoned),
    material: ratio >= odds || ratio <= 1 / odds,
    actual: abandoned / carts,
    expected,
    lower: lower / carts,
    upper: upper / carts,
  }
}

function learnShare(baseline: Baseline, window: Share): void {
  const fading = 0.5 ** (SHARE_WINDOW / HALF_LIFE)
  baseline.carts = baseline.carts * fading + window.carts
  baseline.abandoned = baseline.abandoned * fading + window.abandoned
}
