import { basketsIn, type History, instantsBefore, OUTCOME_MS } from '../../models/scores/index.ts'
import {
  adjustedRandIndex,
  explainedBy,
  kMeans,
  nearest,
  type Point,
  pointsAt,
  rfmSegments,
  type Segments,
  scaled,
  scaleOf,
  segmentNames,
  segmentsOf,
  settings,
  silhouetteOf,
} from '../../models/segments/index.ts'
import { day } from './score.ts'

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const labelsOf = ({ scale, centres }: Segments, points: readonly Point[]) =>
  points.map(({ features }) => nearest(centres, scaled(scale, features)).cluster)
const segmentsBefore = (histories: readonly History[], instants: readonly number[]): Segments => {
  const found = segmentsOf(instants.flatMap((instant) => pointsAt(histories, instant)))
  if (found === undefined) throw new Error('too few households')
  return found
}

/** How many segments, what they are, whether they stay, and what their households paid next. */
export function tellSegments(histories: readonly History[], asOf: number, periods: number): void {
  const instants = instantsBefore(asOf, histories)
  const [heldOut, known] = [instants.slice(0, periods), instants.slice(periods)]
  tellSilhouettes(known.map((instant) => pointsAt(histories, instant)))
  const segments = segmentsBefore(histories, known)
  const { means, deviations } = segments.scale
  console.log('\n| segment | days since the latest | baskets of 90 days | dollars a basket | products of 90 days |')
  console.log('|---|---|---|---|---|')
  for (const [n, centre] of segments.centres.entries()) {
    const own = centre.map((value, j) => Math.expm1(value * (deviations[j] ?? 1) + (means[j] ?? 0)).toFixed(1))
    console.log(`| ${segmentNames[n]} | ${own.join(' | ')} |`)
  }
  tellNextSpend(histories, heldOut, segments)
  tellStability(histories, [asOf, ...instants], periods)
}

function tellSilhouettes(periods: readonly (readonly Point[])[]): void {
  const all = periods.flat()
  const scale = scaleOf(all.map(({ features }) => features))
  const rows = all.map(({ features }) => scaled(scale, features))
  console.log(
    '\n| segments | mean silhouette of the training periods | least and most of a period | agreement of ten seeds |',
  )
  console.log('|---|---|---|---|')
  for (let clusters = 3; clusters <= 8; clusters++) {
    const found = kMeans(rows, { ...settings, clusters })
    if (found === undefined) continue
    const all = periods.map((points) => {
      const own = points.map(({ features }) => scaled(scale, features))
      return silhouetteOf(own, own.map((row) => nearest(found.centres, row).cluster)) ?? 0 // biome-ignore format: a row
    })
    const labels = rows.map((row) => nearest(found.centres, row).cluster)
    const agreed = Array.from({ length: 10 }, (_, seed) => {
      const other = kMeans(rows, { ...settings, clusters, seed })
      return other === undefined ? 0 : adjustedRandIndex(labels, rows.map((row) => nearest(other.centres, row).cluster)) // biome-ignore format: a row
    })
    console.log(
      `| ${clusters} | ${mean(all).toFixed(4)} | ${Math.min(...all).toFixed(4)} … ${Math.max(...all).toFixed(4)} | ${mean(agreed).toFixed(3)}, least ${Math.min(...agreed).toFixed(3)} |`,
    )
  }
}

function tellNextSpend(histories: readonly History[], heldOut: readonly number[], segments: Segments): void {
  const byId = new Map(histories.map((history) => [history.householdId, history]))
  const rows = heldOut.flatMap((instant) => {
    const points = pointsAt(histories, instant)
    const [labels, rfm] = [labelsOf(segments, points), rfmSegments(points)]
    return points.map(({ householdId }, n) => {
      const history = byId.get(householdId)
      const cents = history === undefined ? 0 : basketsIn(history, instant, instant + OUTCOME_MS).cents
      return { instant, segment: segmentNames[labels[n] ?? 0] ?? '', rfm: rfm[n] ?? '', dollars: cents / 100 }
    })
  })
  type Row = (typeof rows)[number]
  const ways = [
    ['segment_ml', ({ segment }: Row) => segment],
    ['RFM', ({ rfm }: Row) => rfm],
  ] as const
  console.log('\n| period | households | way | explained of dollars | of log dollars |')
  console.log('|---|---|---|---|---|')
  for (const instant of [...heldOut, undefined]) {
    const own = rows.filter((row) => instant === undefined || row.instant === instant)
    for (const [way, label] of ways) {
      const share = (values: readonly number[]) => explainedBy(own.map(label), values)?.toFixed(4)
      const [dollars, logs] = [own.map(({ dollars }) => dollars), own.map(({ dollars }) => Math.log1p(dollars))]
      console.log(
        `| ${instant === undefined ? 'together' : day(instant)} | ${own.length} | ${way} | ${share(dollars)} | ${share(logs)} |`,
      )
    }
  }
  console.log('\n| way | segment | households | dollars in the next 28 days | bought nothing in them |')
  console.log('|---|---|---|---|---|')
  for (const [way, label] of ways)
    for (const name of [...new Set(rows.map(label))].sort()) {
      const own = rows.filter((row) => label(row) === name)
      const none = own.filter(({ dollars }) => dollars === 0).length / own.length
      console.log(
        `| ${way} | ${name} | ${own.length} | ${mean(own.map(({ dollars }) => dollars)).toFixed(2)} | ${(100 * none).toFixed(1)} % |`,
      )
    }
}

/** At successive instants, the latest first: whether a model trained anew parts the same households alike, and how many move. */
function tellStability(histories: readonly History[], instants: readonly number[], periods: number): void {
  console.log(
    '\n| as of | same households, by the model of 28 days before: ARI | the households themselves 28 days before: ARI | in the same segment |',
  )
  console.log('|---|---|---|---|')
  const models = instants.slice(0, periods + 2).map((_, n) => segmentsBefore(histories, instants.slice(n)))
  for (const [n, instant] of instants.slice(0, periods + 1).entries()) {
    const [model, former, before] = [models[n], models[n + 1], instants[n + 1]]
    if (model === undefined || former === undefined || before === undefined) continue
    const points = pointsAt(histories, instant)
    const now = labelsOf(model, points)
    const earlier = pointsAt(histories, before)
    const was = new Map(labelsOf(former, earlier).map((label, n) => [earlier[n]?.householdId, label]))
    const both = points.flatMap(({ householdId }, n) => {
      const label = was.get(householdId)
      return label === undefined ? [] : [{ label, now: now[n] ?? 0 }]
    })
    const moved = adjustedRandIndex(both.map(({ label }) => label), both.map(({ now }) => now)) // biome-ignore format: a row
    const same = both.filter(({ label, now }) => label === now).length / both.length
    console.log(
      `| ${day(instant)} | ${adjustedRandIndex(now, labelsOf(former, points)).toFixed(4)} | ${moved.toFixed(4)} | ${(100 * same).toFixed(1)} % of ${both.length} |`,
    )
  }
}
