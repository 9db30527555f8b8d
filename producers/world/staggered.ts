/** Where reports come minutely, each reporter reports this often; one after the other, so that none is long silent. */
export const REPORT_EVERY_MS = 5 * 60_000

/**
 * When one of several reporters reports, at or after `from` and before `to` (milliseconds): evenly spread over the five
 * minutes, and never on their beginning, where hourly reports are.
 */
export function reportTimes(reporter: number, reporters: number, from: number, to: number): readonly number[] {
  const offset = Math.floor(((reporter + 0.5) / reporters) * REPORT_EVERY_MS)
  const first = Math.ceil((from - offset) / REPORT_EVERY_MS)
  const times: number[] = []
  for (let at = first * REPORT_EVERY_MS + offset; at < to; at += REPORT_EVERY_MS) times.push(at)
  return times
}
