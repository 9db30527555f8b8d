import { type Snapshot, snapshotAt } from './snapshot.ts'
import type { History } from './visits.ts'

/** What is foretold of a household that is active at an instant, and by what. */
export interface Score {
  /** Begins its models' versions. */
  readonly name: string
  /** What is looked at, in order. */
  readonly features: readonly string[]
  /** As `features` says, of what came before the instant alone. */
  featuresOf(history: History, instant: number, snapshot: Snapshot): readonly number[]
  /** Whether it came true in the 28 days from the instant on. */
  cameAfter(history: History, instant: number): boolean
}

export interface Seen extends Snapshot {
  readonly features: readonly number[]
}

export interface Labelled extends Seen {
  readonly came: boolean
}

/** Every household that is active at the instant, with what is looked at. */
export const seenAt = (score: Score, histories: readonly History[], instant: number): readonly Seen[] =>
  histories.flatMap((history) => seen(score, history, instant) ?? [])

/** Every household that is active at the instants, with what became of it. */
export const labelledAt = (
  score: Score,
  histories: readonly History[],
  instants: readonly number[],
): readonly Labelled[] =>
  instants.flatMap((instant) =>
    histories.flatMap((history) => {
      const row = seen(score, history, instant)
      return row === undefined ? [] : [{ ...row, came: score.cameAfter(history, instant) }]
    }),
  )

function seen(score: Score, history: History, instant: number): Seen | undefined {
  const snapshot = snapshotAt(history, instant)
  return snapshot === undefined ? undefined : { ...snapshot, features: score.featuresOf(history, instant, snapshot) }
}
