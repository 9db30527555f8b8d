import { fold, processor, tumbling } from '#engine'
import type { Topic } from '#engine/schema'
import { quality } from '#schemas'
import { ruleSets } from '../schemas/rule-sets.ts'
import type { CleanColumns, RuleSet } from '../schemas/rules.ts'

/** Counts of one source, topic and hour, as they add up. */
type Tally = [
  records: number,
  duplicates: number,
  elsewhere: number,
  wanted: number,
  missing: number,
  flagged: number,
  outliers: number,
  unknowns: number,
  ageSum: number,
  oldest: number,
]

interface Taken extends Pick<CleanColumns, 'told' | 'findings' | 'wanted'> {
  /** From event time to record time, whole seconds: sums of these are exact, whatever the order. */
  readonly ageSeconds: number
}

type Row = Readonly<Record<string, unknown>>

/** Records of a clean topic, by the source that each came from. */
function measured({ to, sources }: RuleSet) {
  const topics = new Map(sources.map(({ name, topic }) => [name, topic.name]))
  const { time } = to.contract.topic
  return {
    topic: to as Topic<Row>,
    reads: ['source', 'told', 'findings', 'wanted', 'arrivedAt', time],
    make(row: Row): Taken & { source: string; topic: string } {
      const { source, told, findings, wanted, arrivedAt } = row as unknown as CleanColumns
      const ageSeconds = Math.round((arrivedAt - (row[time] as number)) / 1_000)
      return { source, topic: topics.get(source) ?? to.name, told, findings, wanted, ageSeconds }
    },
  }
}

const has = (findings: readonly string[], kind: string): number =>
  findings.some((finding) => finding.startsWith(kind)) ? 1 : 0

/**
 * Completeness, uniqueness, validity and freshness of what every source delivered, by hour of event time. Hours stay open: a
 * file of last year that comes today changes that year's figures. What duplicates are, the clean topics' processors know,
 * which remember identities; so an hour is ten numbers, and keeping all of them costs next to nothing.
 */
export default processor('quality', ({ from, merge }) => {
  const [first, ...others] = ruleSets.map((rules) => {
    const { topic, reads, make } = measured(rules)
    return from(topic, { idleAfter: '5 seconds' }).map(reads, make)
  })
  if (first === undefined) throw new RangeError('there is no rule set')
  return merge(first, ...others)
    .keyBy('source', 'topic')
    .window(tumbling({ size: '1 hour', grace: '36500 days' }))
    .aggregate({
      tally: fold({
        reads: ['told', 'findings', 'wanted', 'ageSeconds'],
        initial: (): Tally => [0, 0, 0, 0, 0, 0, 0, 0, 0, Number.MIN_SAFE_INTEGER],
        add: (tally: Tally, { told, findings, wanted, ageSeconds }: Taken): Tally => {
          const missing = findings.filter((finding) => finding.startsWith('missing:')).length
          tally[0]++
          tally[1] += told === 'AGAIN' ? 1 : 0
          tally[2] += told === 'ELSEWHERE' ? 1 : 0
          tally[3] += wanted
          tally[4] += missing
          tally[5] += findings.length > missing ? 1 : 0
          tally[6] += has(findings, 'outlier:')
          tally[7] += has(findings, 'unknown:')
          tally[8] += ageSeconds
          tally[9] = Math.max(tally[9], ageSeconds)
          return tally
        },
        merge: (tally: Tally, other: Tally): Tally => {
          const oldest = Math.max(tally[9], other[9])
          for (let n = 0; n < 9; n++) tally[n] = (tally[n] ?? 0) + (other[n] ?? 0)
          tally[9] = oldest
          return tally
        },
        encode: (tally: Tally) => tally,
        decode: (plain) => plain as unknown as Tally,
        order: 'any',
      }),
    })
    .emit('on-update')
    .map(['tally'], ({ tally }) => figuresOf(tally), { keep: ['source', 'topic', 'windowStart', 'windowEnd'] })
    .to(quality)
})

function figuresOf([records, duplicates, elsewhere, wanted, missing, flagged, outliers, unknowns, age, oldest]: Tally) {
  return {
    records,
    duplicates,
    elsewhere,
    wantedCells: wanted,
    missingCells: missing,
    flaggedRecords: flagged,
    outliers,
    unknowns,
    completeness: wanted === 0 ? 1 : 1 - missing / wanted,
    uniqueness: 1 - duplicates / records,
    validity: 1 - flagged / records,
    meanAgeSeconds: age / records,
    maxAgeSeconds: oldest,
  }
}
