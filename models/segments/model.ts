import { createHash } from 'node:crypto'
import { basketsIn, type History, instantsBefore, OUTCOME_MS } from '../scores/index.ts'
import { adjustedRandIndex, explainedBy, silhouetteOf } from './agreement.ts'
import { kMeans, nearest, type Row } from './kmeans.ts'
import { type Point, pointsAt, type Scale, scaled, scaleOf, segmentFeatures } from './points.ts'
import { rfmSegments } from './rfm.ts'

/**
 * Segments by number from 0: who pays most in 90 days, who least, and of the two between who pays more a basket, and less.
 * There are four: of 3 to 8 the most whose mean silhouette on the training periods of the retailer's year lies within 0.01 of the
 * best (bench/RESULTS.md).
 */
export const segmentNames = ['core', 'stock-up', 'top-up', 'occasional'] as const
export const settings = { clusters: segmentNames.length, seed: 20_170_101, starts: 4 }
/** Periods that a model of the earlier ones is measured on. */
const HELD_OUT = 2

/** What tells a household's segment. */
export interface Segments {
  readonly scale: Scale
  /** In deviations from the mean, in the order of `segmentNames`. */
  readonly centres: readonly Row[]
  /** Sum of squared distances. */
  readonly inertia: number
}

export interface SegmentsHeldOut {
  readonly rows: number
  /** Share of the variance of log dollars paid in the 28 days after that lies between segments. */
  readonly explained: number
  /** The same of the segments of `gold.dim_rfm`'s rule. */
  readonly rfmExplained: number
  /** Dollars paid in the 28 days after, the mean of each segment; null for one without households. */
  readonly nextSpend: readonly (number | null)[]
}

export interface SegmentModel extends Segments {
  /** Digest of its rows and what it came to: the same purchases give the same version. */
  readonly version: string
  readonly snapshots: number
  readonly rows: number
  /** Of each segment at `asOf`. */
  readonly households: readonly number[]
  /** Mean over the households that are active at `asOf`, −1 … 1; null where they are all in one segment. */
  readonly silhouette: number | null
  /** How alike a model of 28 days before parts the same households (adjusted Rand index); null where there was none. */
  readonly agreement: number | null
  /** Undefined where there is too little before the two latest periods. */
  readonly heldOut: SegmentsHeldOut | undefined
}

export interface Segmented extends Point {
  /** One of `segmentNames`. */
  readonly segment: number
  /** From its centre, in deviations. */
  readonly distance: number
  readonly rfmSegment: string
}

/** The groups of rows pooled over instants; undefined where fewer than four of them differ. */
export function segmentsOf(points: readonly Point[]): Segments | undefined {
  const scale = scaleOf(points.map(({ features }) => features))
  const found = kMeans(
    points.map(({ features }) => scaled(scale, features)),
    settings,
  )
  return found && { scale, centres: named(scale, found.centres), inertia: found.inertia }
}

/** In the order of `segmentNames`. Logarithms of baskets and of dollars a basket add up to that of what is paid. */
function named({ means, deviations }: Scale, centres: readonly Row[]): readonly Row[] {
  const own = (centre: Row, j: number): number => (centre[j] ?? 0) * (deviations[j] ?? 1) + (means[j] ?? 0)
  const paid = [...centres].sort((a, b) => own(b, 1) + own(b, 2) - own(a, 1) - own(a, 2))
  const between = paid.slice(1, -1).sort((a, b) => own(b, 2) - own(a, 2))
  return [...paid.slice(0, 1), ...between, ...paid.slice(-1)]
}

const labelsOf = ({ scale, centres }: Segments, points: readonly Point[]): readonly number[] =>
  points.map(({ features }) => nearest(centres, scaled(scale, features)).cluster)

/**
 * Segments of all households that are active at `asOf` and at the instants before it, 28 days apart. Undefined where fewer than
 * four of these differ.
 */
export function segmentModel(histories: readonly History[], asOf: number): SegmentModel | undefined {
  const before = instantsBefore(asOf, histories)
  const now = pointsAt(histories, asOf)
  const earlier = before.map((instant) => pointsAt(histories, instant))
  const points = [now, ...earlier].flat()
  const segments = segmentsOf(points)
  if (segments === undefined) return undefined
  const labels = labelsOf(segments, now)
  const scaledNow = now.map(({ features }) => scaled(segments.scale, features))
  const former = segmentsOf(earlier.flat())
  return {
    ...segments,
    ...{ version: versionOf(segments, points, asOf), snapshots: earlier.length + 1, rows: points.length },
    households: segmentNames.map((_, segment) => labels.filter((label) => label === segment).length),
    silhouette: silhouetteOf(scaledNow, labels) ?? null,
    agreement: former === undefined ? null : adjustedRandIndex(labels, labelsOf(former, now)),
    heldOut: measuredOn(
      histories,
      segmentsOf(earlier.slice(HELD_OUT).flat()),
      before.slice(0, HELD_OUT).map((instant, n) => ({ instant, points: earlier[n] ?? [] })),
    ),
  }
}

/** Every household that is active at the instant, in its segment. */
export function segmentedAt(segments: Segments, histories: readonly History[], instant: number): readonly Segmented[] {
  const points = pointsAt(histories, instant)
  const rfm = rfmSegments(points)
  return points.map((point, n) => {
    const { cluster, squared } = nearest(segments.centres, scaled(segments.scale, point.features))
    return { ...point, segment: cluster, distance: Math.sqrt(squared), rfmSegment: rfm[n] ?? '' }
  })
}

/** What households of the segments paid next, beside those of RFM. */
export function measuredOn(
  histories: readonly History[],
  segments: Segments | undefined,
  periods: readonly { readonly instant: number; readonly points: readonly Point[] }[],
): SegmentsHeldOut | undefined {
  if (segments === undefined) return undefined
  const byId = new Map(histories.map((history) => [history.householdId, history]))
  const rows = periods.flatMap(({ instant, points }) => {
    const [labels, rfm] = [labelsOf(segments, points), rfmSegments(points)]
    return points.map(({ householdId }, n) => {
      const history = byId.get(householdId)
      const cents = history === undefined ? 0 : basketsIn(history, instant, instant + OUTCOME_MS).cents
      return { label: labels[n] ?? 0, rfm: rfm[n] ?? '', dollars: cents / 100 }
    })
  })
  const paid = rows.map(({ dollars }) => Math.log1p(Math.max(0, dollars)))
  const explained = explainedBy(rows.map(({ label }) => label), paid) // biome-ignore format: a row
  const rfmExplained = explainedBy(rows.map(({ rfm }) => rfm), paid) // biome-ignore format: a row
  if (explained === undefined || rfmExplained === undefined) return undefined
  const nextSpend = segmentNames.map((_, segment) => {
    const own = rows.filter(({ label }) => label === segment)
    return own.length === 0 ? null : own.reduce((sum, { dollars }) => sum + dollars, 0) / own.length
  })
  return { rows: rows.length, explained, rfmExplained, nextSpend }
}

function versionOf({ scale, centres }: Segments, points: readonly Point[], asOf: number): string {
  const hash = createHash('sha256').update(
    JSON.stringify([segmentFeatures, segmentNames, settings, asOf, scale, centres]),
  )
  for (const { householdId, features } of points) hash.update(Float64Array.of(householdId, ...features))
  return `segments-${hash.digest('hex').slice(0, 12)}`
}
