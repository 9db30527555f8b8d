import type { Direction, Severity } from '#schemas'
import type { Contribution } from './parts/contribution.ts'
import type { Verdict } from './watch.ts'

/** Scores from which an anomaly is critical. */
const CRITICAL = 8

export const severityOf = (verdict: Verdict): Severity => (Math.abs(verdict.score) >= CRITICAL ? 'CRITICAL' : 'WARNING')

export const directionOf = (verdict: Verdict): Direction => (verdict.score < 0 ? 'LOW' : 'HIGH')

/** `2025-01-03 14:05`, UTC. */
export const timeText = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ')

/** What an anomaly is about, as one sentence. `show` writes a value of the metric. */
export function reasonText(what: string, verdict: Verdict, show: (value: number) => string): string {
  const { actual, expected, lower, upper, start, end, since, score } = verdict
  const minutes = Math.round((end - start) / 60_000)
  const span = minutes >= 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`
  const lasting = since < start ? `, out of the ordinary since ${timeText(since)}` : ''
  const deviations = Math.abs(score).toFixed(1)
  return (
    `${what} of ${show(actual)} in the ${span} from ${timeText(start)} UTC where ${show(expected)} was expected, ` +
    `between ${show(lower)} and ${show(upper)}: ${deviations} standard deviations ${score < 0 ? 'below' : 'above'}${lasting}.`
  )
}

/** ` 92 % of it comes from paymentMethod PAYPAL, VOUCHER.`: the cause in the dimension that changed most; empty where there is none. */
export function causeText(contributions: readonly Contribution[]): string {
  const dimension = contributions.find(({ cause }) => cause)?.dimension
  const causes = contributions.filter((one) => one.cause && one.dimension === dimension)
  if (causes.length === 0) return ''
  const share = causes.reduce((sum, one) => sum + Number(one.share), 0) / 1e7
  return ` ${share.toFixed(0)} % of it comes from ${dimension} ${causes.map(({ value }) => value).join(', ')}.`
}
