/**
 * When an alarm begins, lasts and ends, whatever is being counted. A window that closes is judged alone and together with
 * the ones before it, so that evidence too thin in one window adds up over several. Windows are learned from only after
 * they have passed every such judgement, and not at all while an alarm lasts: the baseline is frozen. The way out of an
 * alarm that does not end is bounded: after `giveUpAfter` windows the new level is taken for the normal one.
 */
export interface Watch<W> {
  /** Closed windows that may still prove to be part of an anomaly, oldest first. */
  recent: W[]
  alarm: Alarm | null
  /** Median of |residual| of ordinary windows, tracked; tells how much wider than the model reality is. */
  median: number
}

export interface Alarm {
  readonly since: number
  readonly direction: 1 | -1
  /** Windows since it began. */
  windows: number
  /** Ordinary windows in a row. */
  calm: number
}

export interface Judgement {
  /** In standard deviations of the model; negative below what was expected. */
  readonly residual: number
  /** Whether the difference is large enough to matter to anybody, significant or not. */
  readonly material: boolean
  readonly actual: number
  readonly expected: number
  readonly lower: number
  readonly upper: number
}

export interface Verdict extends Judgement {
  readonly start: number
  readonly end: number
  /** Residual over the tracked scale. */
  readonly score: number
  /** When the alarm that this belongs to began. */
  readonly since: number
}

export interface Rules<W> {
  readonly startOf: (window: W) => number
  /** Windows looked at together, at most. */
  readonly spans: number
  /** Length of a window, milliseconds. */
  readonly size: number
  /** Scores beyond this begin an alarm. */
  readonly limit: number
  /** Scores beyond this, in the same direction, keep it going. */
  readonly staying: number
  readonly giveUpAfter: number
  judge(windows: readonly W[], limit: number): Judgement
}

export interface Outcome<W> {
  readonly verdict: Verdict | undefined
  /** Windows that proved ordinary, to learn from. */
  readonly ordinary: readonly W[]
  /** True where an alarm was ended for lasting too long: what it saw is the new normal. */
  readonly gaveUp: boolean
}

/** Ordinary windows in a row that end an alarm. */
const CALM = 2

/** The median of |x| of a standard normal variable. */
const NORMAL_MEDIAN = 0.6745

const STEP = 0.01

export const newWatch = <W>(): Watch<W> => ({ recent: [], alarm: null, median: NORMAL_MEDIAN })

/** Never below 1: a model that fits too well is a matter of thin data. */
const scaleOf = (watch: Watch<unknown>): number => Math.max(1, watch.median / NORMAL_MEDIAN)

/** Takes the next closed window. */
export function observe<W>(watch: Watch<W>, window: W, rules: Rules<W>): Outcome<W> {
  return watch.alarm ? during(watch, watch.alarm, window, rules) : before(watch, window, rules)
}

function before<W>(watch: Watch<W>, window: W, rules: Rules<W>): Outcome<W> {
  watch.recent.push(window)
  const scale = scaleOf(watch)
  for (let span = 1; span <= Math.min(rules.spans, watch.recent.length); span++) {
    const windows = watch.recent.slice(-span)
    const judged = rules.judge(windows, rules.limit * scale)
    if (!judged.material || Math.abs(judged.residual) < rules.limit * scale) continue
    const since = rules.startOf(windows[0] ?? window)
    watch.alarm = { since, direction: judged.residual < 0 ? -1 : 1, windows: span, calm: 0 }
    const ordinary = watch.recent.slice(0, -span)
    watch.recent = []
    return {
      verdict: verdictOf(judged, since, since, rules.startOf(window) + rules.size, scale),
      ordinary,
      gaveUp: false,
    }
  }
  if (watch.recent.length < rules.spans) return { verdict: undefined, ordinary: [], gaveUp: false }
  const oldest = watch.recent.splice(0, 1)
  for (const one of oldest) track(watch, Math.abs(rules.judge([one], rules.limit).residual))
  return { verdict: undefined, ordinary: oldest, gaveUp: false }
}

function during<W>(watch: Watch<W>, alarm: Alarm, window: W, rules: Rules<W>): Outcome<W> {
  const scale = scaleOf(watch)
  const judged = rules.judge([window], rules.staying * scale)
  const goesOn = judged.residual * alarm.direction >= rules.staying * scale
  alarm.windows++
  alarm.calm = goesOn ? 0 : alarm.calm + 1
  const gaveUp = alarm.windows >= rules.giveUpAfter
  if (gaveUp || alarm.calm >= CALM) watch.alarm = null
  const start = rules.startOf(window)
  const verdict = goesOn ? verdictOf(judged, alarm.since, start, start + rules.size, scale) : undefined
  return { verdict, ordinary: [], gaveUp }
}

const verdictOf = (judged: Judgement, since: number, start: number, end: number, scale: number): Verdict => ({
  ...judged,
  since,
  start,
  end,
  score: judged.residual / scale,
})

/** Moves the tracked median a step towards what was seen (Robbins–Monro): no outlier moves it more than any other value. */
function track(watch: Watch<unknown>, seen: number): void {
  watch.median += seen > watch.median ? STEP : -STEP
}
