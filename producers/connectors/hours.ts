import type { Tally } from '#engine/ingest'
import { hourOf } from './origin.ts'

/** What was taken in one hour, by topic: events, dead letters. */
export type HourCounts = Readonly<Record<string, readonly [events: number, deadLetters: number]>>

const PREFIX = 'hour|'

/**
 * What a source without units that end (answers, beacons) writes down in each of its transactions, so that its arrivals can be
 * counted: a checkpoint an hour. All rows of the transaction are taken in the hour of `takenAt`, as their origins say.
 */
export function hourCheckpoint(
  known: ReadonlyMap<string, unknown>,
  takenAt: number,
  tallies: ReadonlyMap<string, Tally>,
): readonly [key: string, value: HourCounts] {
  const key = PREFIX + hourOf(takenAt)
  const counts: Record<string, readonly [number, number]> = { ...(known.get(key) as HourCounts | undefined) }
  for (const [topic, { written, deadLettered }] of tallies) {
    const [events, deadLetters] = counts[topic] ?? [0, 0]
    counts[topic] = [events + written, deadLetters + deadLettered]
  }
  return [key, counts]
}

/** The counts among a source's checkpoints, by hour. */
export function hoursIn(checkpoints: ReadonlyMap<string, unknown>): Readonly<Record<string, HourCounts>> {
  const hours: Record<string, HourCounts> = {}
  for (const [key, value] of checkpoints)
    if (key.startsWith(PREFIX)) hours[key.slice(PREFIX.length)] = value as HourCounts
  return hours
}
