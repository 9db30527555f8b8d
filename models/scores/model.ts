import { createHash } from 'node:crypto'
import { fitted, type Logistic, probabilityOf } from './logistic.ts'
import { type Quality, qualityOf } from './measures.ts'
import { rfmProbability, rfmRule } from './rfm.ts'
import { type Labelled, labelledAt, type Score, type Seen, seenAt } from './score.ts'
import { instantsBefore } from './snapshot.ts'
import type { History } from './visits.ts'

/** Periods that a model of the earlier ones is measured on. */
const HELD_OUT = 2

export interface HeldOut {
  readonly rows: number
  readonly model: Quality
  readonly rfm: Quality
}

export interface ScoreModel {
  readonly score: Score
  /** Digest of its rows and what it came to: the same purchases give the same version. */
  readonly version: string
  readonly logistic: Logistic
  readonly snapshots: number
  readonly rows: number
  /** Of them, those of which it came true. */
  readonly came: number
  /** Undefined where there is too little before the two latest periods, or all households in them fared alike. */
  readonly heldOut: HeldOut | undefined
}

export interface Scored extends Seen {
  readonly probability: number
}

/**
 * A model of all periods that are over before `asOf`, measured on the two latest by its like of those before them. Undefined where
 * there is no such period, or all households in it fared alike.
 */
export function scoreModel(score: Score, histories: readonly History[], asOf: number): ScoreModel | undefined {
  const instants = instantsBefore(asOf, histories)
  const rows = labelledAt(score, histories, instants)
  const came = rows.filter((row) => row.came).length
  if (came === 0 || came === rows.length) return undefined
  const logistic = fittedTo(rows)
  const [latest, earlier] = [instants.slice(0, HELD_OUT), instants.slice(HELD_OUT)]
  const heldOut = measured(labelledAt(score, histories, earlier), labelledAt(score, histories, latest))
  const version = versionOf(score, rows, logistic, asOf)
  return { score, version, logistic, snapshots: instants.length, rows: rows.length, came, heldOut }
}

/** Every household that is active at the instant. */
export const scoresOf = (
  { score, logistic }: ScoreModel,
  histories: readonly History[],
  asOf: number,
): readonly Scored[] =>
  seenAt(score, histories, asOf).map((seen) => ({ ...seen, probability: probabilityOf(logistic, seen.features) }))

export const fittedTo = (rows: readonly Labelled[]): Logistic =>
  fitted(
    rows.map(({ features }) => features),
    rows.map(({ came }) => came),
  )

/** The model and the rule, both of the first rows, on the second ones. */
export function measured(known: readonly Labelled[], held: readonly Labelled[]): HeldOut | undefined {
  const came = known.filter((row) => row.came).length
  if (came === 0 || came === known.length) return undefined
  const [logistic, rule] = [fittedTo(known), rfmRule(known)]
  const model = qualityOf(held.map(({ features, came }) => ({ probability: probabilityOf(logistic, features), came })))
  const rfm = qualityOf(held.map((row) => ({ probability: rfmProbability(rule, row), came: row.came })))
  return model === undefined || rfm === undefined ? undefined : { rows: held.length, model, rfm }
}

function versionOf(
  { name, features }: Score,
  rows: readonly Labelled[],
  { means, deviations, weights }: Logistic,
  asOf: number,
): string {
  const hash = createHash('sha256').update(JSON.stringify([features, asOf, means, deviations, weights]))
  for (const row of rows) hash.update(Float64Array.of(row.householdId, Number(row.came), ...row.features))
  return `${name}-${hash.digest('hex').slice(0, 12)}`
}
