import { createHash } from 'node:crypto'
import { featureNames, instantsBefore, type Labelled, labelledAt, type Snapshot, snapshotAt } from './features.ts'
import { fitted, type Logistic, probabilityOf } from './logistic.ts'
import { type Quality, qualityOf } from './measures.ts'
import { rfmProbability, rfmRule } from './rfm.ts'
import type { History } from './visits.ts'

/** Periods that a model of the earlier ones is measured on. */
const HELD_OUT = 2

export interface HeldOut {
  readonly rows: number
  readonly model: Quality
  readonly rfm: Quality
}

export interface ChurnModel {
  /** Digest of its rows and what it came to: the same purchases give the same version. */
  readonly version: string
  readonly logistic: Logistic
  readonly snapshots: number
  readonly rows: number
  readonly churned: number
  /** Undefined where there is too little before the two latest periods, or nobody churned, or everybody. */
  readonly heldOut: HeldOut | undefined
}

export interface Scored extends Snapshot {
  readonly probability: number
}

/**
 * A model of all periods that are over before `asOf`, measured on the two latest by its like of those before them. Undefined where
 * there is no such period, or all households in it fared alike.
 */
export function churnModel(histories: readonly History[], asOf: number): ChurnModel | undefined {
  const instants = instantsBefore(asOf, histories)
  const rows = labelledAt(histories, instants)
  const churned = rows.filter((row) => row.churned).length
  if (churned === 0 || churned === rows.length) return undefined
  const logistic = fittedTo(rows)
  const [latest, earlier] = [instants.slice(0, HELD_OUT), instants.slice(HELD_OUT)]
  const heldOut = measured(labelledAt(histories, earlier), labelledAt(histories, latest))
  const version = versionOf(rows, logistic, asOf)
  return { version, logistic, snapshots: instants.length, rows: rows.length, churned, heldOut }
}

/** Every household that is active at the instant. */
export const churnScores = ({ logistic }: ChurnModel, histories: readonly History[], asOf: number): readonly Scored[] =>
  histories.flatMap((history) => {
    const snapshot = snapshotAt(history, asOf)
    return snapshot === undefined ? [] : [{ ...snapshot, probability: probabilityOf(logistic, snapshot.features) }]
  })

export const fittedTo = (rows: readonly Labelled[]): Logistic =>
  fitted(
    rows.map(({ features }) => features),
    rows.map(({ churned }) => churned),
  )

/** The model and the rule, both of the first rows, on the second ones. */
export function measured(known: readonly Labelled[], held: readonly Labelled[]): HeldOut | undefined {
  const churned = known.filter((row) => row.churned).length
  if (churned === 0 || churned === known.length) return undefined
  const [logistic, rule] = [fittedTo(known), rfmRule(known)]
  const model = qualityOf(
    held.map((row) => ({ probability: probabilityOf(logistic, row.features), came: row.churned })),
  )
  const rfm = qualityOf(held.map((row) => ({ probability: rfmProbability(rule, row), came: row.churned })))
  return model === undefined || rfm === undefined ? undefined : { rows: held.length, model, rfm }
}

function versionOf(rows: readonly Labelled[], { means, deviations, weights }: Logistic, asOf: number): string {
  const hash = createHash('sha256').update(JSON.stringify([featureNames, asOf, means, deviations, weights]))
  for (const { householdId, features, churned } of rows)
    hash.update(Float64Array.of(householdId, Number(churned), ...features))
  return `churn-${hash.digest('hex').slice(0, 12)}`
}
