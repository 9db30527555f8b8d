import { band, countResidual } from './evidence.ts'
import { type Contribution, contributionsOf } from './parts/contribution.ts'
import { bounded, learned, type Part, type Split, splitOf, together } from './parts/split.ts'
import { type Forecast, forecast, learn, newSeason, type Season } from './season.ts'
import { type Judgement, newWatch, observe, type Rules, type Verdict, type Watch } from './watch.ts'

/** Windows in which revenue is judged. Milliseconds. */
export const REVENUE_WINDOW = 5 * 60_000

/** One closed window, and what was expected of it when it closed. Money is in units of the currency. */
interface RevenueWindow {
  readonly start: number
  readonly orders: number
  readonly revenue: number
  readonly said: Forecast
  readonly parts: readonly Split[]
}

/** What a window out of the ordinary is told as. */
export interface RevenueVerdict extends Verdict {
  /** Which values of what revenue is divided by the deviation comes from, in cents. */
  readonly contributions: readonly Contribution[]
}

/** All that is remembered of one country and currency: plain data. */
export interface RevenueState {
  /** Start of the window being filled; -1 before the first row. */
  start: number
  orders: number
  revenue: number
  /** Windows without an order, in a row. */
  silent: number
  readonly season: Season
  readonly watch: Watch<RevenueWindow>
  /** Mean and mean square of an order's amount, and the orders they stand on. */
  mean: number
  square: number
  known: number
  /** How the revenue of the window being filled is divided, in cents; and how that of ordinary windows was. */
  parts: readonly Split[]
  usual: readonly Split[]
}

export const newRevenueState = (): RevenueState => ({
  start: -1,
  orders: 0,
  revenue: 0,
  silent: 0,
  season: newSeason(),
  watch: newWatch(),
  mean: 0,
  square: 0,
  known: 0,
  parts: [],
  usual: [],
})

/** Revenue below this part of what was expected, or above this many times it, matters. */
const LOW = 0.4
const HIGH = 2.5

/** Of each of the last two windows' orders, before revenue counts as too high: one large order is no surge. */
const SUSTAINED = 2

/** Alarms begin beyond this many standard deviations: about one window in two million, ten countries over a decade. */
const LIMIT = 5

/** Windows without an order after which a country is left alone until the next one: six hours. */
export const ASLEEP_AFTER = 72

/** Orders that the amount's statistics look back on. */
const AMOUNT_MEMORY = 2_000

/** Time after which a past window counts half in how revenue is usually divided: seven days. */
const PARTS_HALF_LIFE = 7 * 86_400_000
const PARTS_FADING = 0.5 ** (REVENUE_WINDOW / PARTS_HALF_LIFE)

/** Adds a minute's row to its window; windows that ended before it must have been closed. */
export function addRevenue(
  state: RevenueState,
  minute: number,
  orders: number,
  revenue: number,
  parts: readonly Part[] = [],
): void {
  if (state.start === -1) state.start = Math.floor(minute / REVENUE_WINDOW) * REVENUE_WINDOW
  // A window that is closed was judged for good; rows come in the order of their minutes, so this is one that came twice.
  if (minute < state.start) return
  state.orders += orders
  state.revenue += revenue
  if (parts.length > 0) state.parts = together(state.parts, splitOf(parts))
}

/** Closes the window being filled, judges it, and opens the next one. */
export function closeRevenue(state: RevenueState): RevenueVerdict | undefined {
  const { start, orders, revenue } = state
  const parts = bounded(state.parts)
  state.start = start + REVENUE_WINDOW
  state.orders = 0
  state.revenue = 0
  state.parts = []
  state.silent = orders === 0 ? state.silent + 1 : 0
  const said = forecast(state.season, start)
  if (said === undefined) {
    learn(state.season, start, REVENUE_WINDOW, orders, undefined)
    learnAmount(state, orders, revenue)
    state.usual = learned(state.usual, parts, PARTS_FADING)
    return undefined
  }
  const window = { start, orders, revenue, said, parts }
  const windows = [...state.watch.recent, window]
  const { verdict, ordinary, gaveUp } = observe(state.watch, window, rulesOf(state))
  // Before anything is learned from this window: contributions are to what was expected of it.
  const told = verdict && { ...verdict, contributions: dividedUp(state, windows, verdict) }
  for (const window of ordinary) {
    learn(state.season, window.start, REVENUE_WINDOW, window.orders, window.said)
    learnAmount(state, window.orders, window.revenue)
    state.usual = learned(state.usual, window.parts, PARTS_FADING)
  }
  if (gaveUp) acceptLevel(state, orders, said)
  return told
}

/** What is judged in units, divided up in cents. */
function dividedUp(state: RevenueState, windows: readonly RevenueWindow[], verdict: Verdict): readonly Contribution[] {
  const seen = windows.filter(({ start }) => start >= verdict.start).map(({ parts }) => parts)
  const unit = state.mean > 0 ? state.square / state.mean : 1
  const deviation = {
    expected: Math.round(verdict.expected * 100),
    actual: Math.round(verdict.actual * 100),
    events: verdict.actual / unit,
  }
  return contributionsOf(state.usual, together(...seen), deviation)
}

/** Takes windows without an order as ordinary, without judging them: the country was asleep. */
export function sleepUntil(state: RevenueState, minute: number): void {
  const missed = Math.floor((minute - state.start) / REVENUE_WINDOW)
  // After more than a day nothing says that these hours were ordinary.
  for (let i = 0; i < missed && missed <= 288; i++) {
    const start = state.start + i * REVENUE_WINDOW
    learn(state.season, start, REVENUE_WINDOW, 0, forecast(state.season, start))
  }
  state.start += missed * REVENUE_WINDOW
  state.silent = 0
  state.watch.recent = []
  state.watch.alarm = null
}

const rulesOf = (state: RevenueState): Rules<RevenueWindow> => ({
  startOf: (window) => window.start,
  spans: 3,
  size: REVENUE_WINDOW,
  limit: LIMIT,
  staying: 2.5,
  giveUpAfter: 72,
  judge: (windows, limit) => judgeRevenue(state, windows, limit),
})

/**
 * Revenue is a sum of a random number of random amounts. Divided by `square / mean` of the amounts it varies nearly as a
 * count does (the two-moment approximation of a compound Poisson sum), so money is judged as a count of such units.
 * A fall is also seen in the number of orders, which says more when amounts differ widely: the stronger of both counts.
 *
 * Too low is what is low for the hour *and* for the present level, too high what is high for both: going back to normal
 * after a holiday or an outage is neither.
 */
function judgeRevenue(state: RevenueState, windows: readonly RevenueWindow[], limit: number): Judgement {
  const sum = (of: (window: RevenueWindow) => number): number =>
    windows.reduce((total, window) => total + of(window), 0)
  const [orders, actual] = [sum(({ orders }) => orders), sum(({ revenue }) => revenue)]
  const count = sum(({ said }) => said.mean)
  const spread = sum(({ said }) => said.spread * said.mean) / Math.max(count, 1e-9)
  const unit = state.mean > 0 ? state.square / state.mean : 1
  const expected = count * state.mean

  const least = sum(({ said }) => Math.min(said.mean, said.profile))
  const lowMoney = countResidual((least * state.mean) / unit, spread)
  const lowOrders = countResidual(least, spread)
  const [moneyEdge] = band(lowMoney, (least * state.mean) / unit, 0, limit)
  const [ordersEdge] = band(lowOrders, least, 0, limit)
  const lower = Math.max(moneyEdge * unit, ordersEdge * state.mean)
  // Few orders that were large enough to make up for it are no fall of revenue.
  const ofMoney = lowMoney(actual / unit)
  const low = actual <= lower ? Math.min(ofMoney, lowOrders(orders)) : ofMoney

  const most = (sum(({ said }) => Math.max(said.mean, said.profile)) * state.mean) / unit
  const highMoney = countResidual(most, spread)
  const high = highMoney(actual / unit)
  const [, upper] = band(highMoney, most, 50 + 50 * most, limit)

  const residual = high > 0 ? high : Math.min(0, low)
  const material =
    residual < 0
      ? actual <= Math.min(lower, LOW * least * state.mean)
      : actual > HIGH * most * unit && sustained(windows)
  return { residual, material, actual, expected, lower, upper: upper * unit }
}

/** One large order is no surge: the last two windows both have to be high. */
const sustained = (windows: readonly RevenueWindow[]): boolean =>
  windows.length >= 2 &&
  windows.slice(-2).every(({ orders, said }) => countResidual(said.mean, said.spread)(orders) > SUSTAINED)

function learnAmount(state: RevenueState, orders: number, revenue: number): void {
  if (orders === 0) return
  const amount = revenue / orders
  // A mean of several amounts varies less than one of them: scaled back to the variance of a single amount.
  const clipped = state.known < 20 ? amount : Math.min(amount, 4 * state.mean)
  const step = orders / Math.min(state.known + orders, AMOUNT_MEMORY)
  const off = clipped - state.mean
  const variance = Math.max(0, state.square - state.mean ** 2)
  const seen = state.known === 0 ? 0 : off ** 2 * orders
  state.mean += off * Math.min(1, step)
  state.square = state.mean ** 2 + variance + (seen - variance) * Math.min(1, step / orders)
  state.known = Math.min(state.known + orders, AMOUNT_MEMORY)
}

/** The level that an endless alarm saw becomes the level. */
function acceptLevel(state: RevenueState, orders: number, said: Forecast): void {
  state.season.seen = 10 * orders
  state.season.expected = 10 * said.profile
}
