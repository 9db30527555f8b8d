import type { Direction, Severity } from '#schemas'
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
