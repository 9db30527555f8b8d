import {
  FOREVER,
  type Generation,
  lastOf,
  type PartitionPlan,
  phaseOf,
  type ReplayKey,
  type ReplayPlan,
  type Verification,
} from '#engine/replay'
import { table } from '../stack/table.ts'

const time = (milliseconds: number): string =>
  milliseconds === FOREVER ? 'now and on' : new Date(milliseconds).toISOString()
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const keyOf = ({ field, value }: ReplayKey): string => `${field}=${value}`

/** @param eventsPerSecond as the last replay of the processor ran; undefined where none did */
export function planText(plan: ReplayPlan, eventsPerSecond: number | undefined): string {
  const { request, warmUp, partitions, events, fromKafka, fromArchive, objects, archiveBytes, schemaIds } = plan
  const facts = [
    ['processor', request.processor],
    ['results', request.topic],
    ['event time', `${time(request.from)} to ${time(request.to)}${request.to === FOREVER ? '' : ' (not included)'}`],
    ...(request.key === undefined ? [] : [['only', `${keyOf(request.key)}; all events are read, times are theirs`]]),
    ['warm-up', `${span(warmUp.beforeMs)} before, ${span(warmUp.afterMs)} after: ${warmUp.reason}`],
    [
      'to read',
      `${events} events: ${fromKafka} offsets from Kafka, ${fromArchive} records from the archive (${objects} objects, ${megabytes(archiveBytes)})`,
    ],
    [
      'about',
      eventsPerSecond === undefined
        ? 'no earlier replay to tell the time from'
        : `${Math.ceil(events / eventsPerSecond)} s`,
    ],
    ['schemas met', schemaIds.length === 0 ? 'not known' : schemaIds.join(', ')],
    ['side effects', 'none: processors have none'],
  ]
  const rows = partitions.map((partition) => [
    `${partition.topic}[${partition.partition}]`,
    `${partition.start}`,
    `${partition.end}`,
    sourcesOf(partition),
  ])
  return `${table(['replay', ''], facts)}\n\n${table(['partition', 'from offset', 'to', 'read from'], rows)}`
}

/** More stretches than these are told by their sums: between objects of the archive lie single offsets of Kafka (markers). */
const STRETCHES_SHOWN = 3

/** Neighbouring segments of one kind as one. */
function sourcesOf({ segments }: PartitionPlan): string {
  const parts: { from: string; first: number; last: number; objects: number }[] = []
  for (const { from, first, last } of segments) {
    const previous = parts.at(-1)
    if (previous?.from === from) {
      previous.last = last
      previous.objects++
    } else parts.push({ from, first, last, objects: 1 })
  }
  if (parts.length === 0) return 'nothing'
  if (parts.length > STRETCHES_SHOWN) {
    const objects = segments.filter(({ from }) => from === 's3').length
    const offsets = segments.reduce((sum, { from, first, last }) => sum + (from === 's3' ? 0 : last - first + 1), 0)
    return `archive (${objects} objects) and Kafka (${offsets} offsets) in turn`
  }
  return parts
    .map(({ from, first, last, objects }) =>
      from === 's3' ? `archive ${first}–${last} (${objects} objects)` : `Kafka ${first}–${last}`,
    )
    .join(', ')
}

function span(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'everything'
  const hours = milliseconds / 3_600_000
  return hours >= 1 ? `${Math.round(hours * 10) / 10} h` : `${Math.round(milliseconds / 1_000)} s`
}

export function verificationText({ compared, differing, breakdown, reasons, rows }: Verification): string {
  const counted =
    breakdown === undefined
      ? []
      : [
          `only live: ${breakdown.onlyLive}`,
          `only replayed: ${breakdown.onlyReplayed}`,
          ...Object.entries(breakdown.columns).map(([name, count]) => `${name}: ${count}`),
        ]
  const head = [
    `${compared} rows compared, ${differing} differ`,
    ...(counted.length === 0 ? [] : [`by column: ${counted.join(', ')}`]),
    ...reasons,
  ].join('\n')
  if (rows.length === 0) return head
  const lines = rows.map(({ identity, reason }) => [
    Object.entries(identity)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    reason,
  ])
  return `${head}\n\n${table(['row', 'why'], lines)}`
}

export const statusOf = (generation: Generation) => {
  const { started, last, records } = generation
  return {
    processor: started.processor,
    generation: started.generation,
    phase: phaseOf(generation),
    from: started.from,
    to: started.to,
    key: started.key,
    source: started.source,
    startedAt: started.at,
    lastDecision: last.decision,
    lastAt: last.at,
    verified: lastOf(generation, 'verified', 'differing', 'refused')?.decision,
    live: started.live === true,
    forced: lastOf(generation, 'promoted')?.forced,
    accepted: lastOf(generation, 'promoted')?.accepted,
    reports: records.flatMap(({ decision, report }) => (report === undefined ? [] : [{ decision, ...report }])),
  }
}

export function statusText(generations: readonly Generation[]): string {
  if (generations.length === 0) return 'No replay yet: kappa replay plan'
  const rows = generations.map((generation) => {
    const { processor, generation: number, phase, from, to, key, verified, startedAt } = statusOf(generation)
    const only = key === undefined ? 'all' : keyOf(key)
    return [processor, `v${number}`, phase, verified ?? '–', time(from), time(to), only, time(startedAt)]
  })
  return table(['processor', 'gen', 'state', 'verified', 'from', 'to', 'of', 'started at'], rows)
}
