import { headerOf, type KafkaRecord } from '#engine/broker'
import { framesOf } from '#engine/compile'
import { type BoundedProgress, type Deployment, names, readRecordedTime } from '#engine/runtime'
import type { Clock } from '#engine/time'
import type { Plan, Row } from '#engine/topology'
import type { ReplaySources } from '../facts.ts'
import { planReplay } from '../facts.ts'
import type { ReplayBounds } from '../generations.ts'
import { reaching, readLate } from '../late-events.ts'
import { boundsUpTo, progressOf, sourcePositions } from '../positions.ts'
import { runScratch } from '../scratch/run.ts'
import {
  Collector,
  type EventPlace,
  type ExplainedEvent,
  fieldsOfValue,
  isFramed,
  type LeftOut,
  latenessText,
  placeText,
  type RowAsked,
} from './collect.ts'

export interface ExplainOptions extends ReplaySources {
  readonly plan: Plan
  /** Of the generation that made the row. */
  readonly deployment: Deployment
  readonly asked: RowAsked
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BoundedProgress) => void
}

/** A record that was no event: what is known of it is that it may be of the row. */
export interface DeadEvent {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Undefined where it does not decode. */
  readonly eventTime: number | undefined
  readonly step: string
  readonly reason: string
  readonly isCertain: boolean
}

/** How a row came to be. */
export interface Explanation {
  /** `[start, end)` of its window, where it has one whose bounds are known. */
  readonly window: { readonly start: number; readonly end: number } | undefined
  /** By topic, partition and offset. */
  readonly events: readonly ExplainedEvent[]
  /** What these add up to, by the columns that can be added up. */
  readonly added: Row
  /** The row as the code makes it again from what it took; undefined where it made none: the window is open. */
  readonly made: Row | undefined
  readonly leftOut: readonly LeftOut[]
  readonly dead: readonly DeadEvent[]
  /** In the topics, and not taken yet. */
  readonly pending: readonly ExplainedEvent[]
  /** Events that were read to say so. */
  readonly read: number
}

/**
 * From a row of results to the events that made it: the processor's own stages run over what it took, from where the
 * window's events may begin, with the slices and times that the generation recorded. Nothing is written. What the
 * generation itself called late is believed over the run, whose stream time may begin later.
 * Throws CONFIG_INVALID where neither Kafka nor the archive has the events any more, INTERRUPTED after the signal.
 */
export async function explainRow(options: ExplainOptions): Promise<Explanation> {
  const { plan, deployment, asked, broker } = options
  const { operator } = plan
  const frames = operator?.kind === 'window' && isFramed(operator.window) ? framesOf(operator.window) : undefined
  const window = frames && { start: asked.time, end: frames.endOf(asked.time) }
  const about = { processor: plan.name, topic: plan.destination.name, version: plan.version, live: true as const }
  const request = { ...about, source: 'auto' as const, from: asked.time, to: window?.end ?? asked.time + 1 }
  const late = (await readLate(broker, names.late(deployment))).filter(({ starts }) => starts.includes(asked.time))
  const all = reaching((await planReplay(plan, request, options)).bounds, late)
  const positions = await sourcePositions(broker, await progressOf(broker, deployment))
  const taken = await planReplay(plan, request, options, boundsUpTo(all, positions))
  const recorded = await readRecordedTime(broker, names.time(deployment))
  const collector = new Collector(plan, asked, new Map(late.map((one) => [placeText(one), latenessText(one)])))
  const ran = await runScratch({ ...options, plan: taken, recorded, probe: collector })
  const rest = restOf(plan, all, taken.bounds)
  const pending = new Collector(plan, asked, new Map())
  if (rest !== undefined)
    await runScratch({
      ...options,
      plan: await planReplay(plan, request, options, rest),
      recorded: new Map(),
      probe: pending,
    })
  return {
    window,
    events: inOrder(collector.events),
    added: collector.sums.row,
    made: rowAsked(plan, asked, ran.results),
    leftOut: inOrder(collector.leftOut),
    dead: deadOf(plan, collector, ran.deadLetters),
    pending: inOrder([...pending.events, ...pending.leftOut.filter(({ reason }) => reason.startsWith('late'))]),
    read: ran.taken,
  }
}

const inOrder = <E extends EventPlace>(events: readonly E[]): readonly E[] =>
  [...events].sort(
    (a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition) || a.offset - b.offset,
  )

/** What the streams hold beyond what was taken; tables as they are. Undefined where there is nothing. */
function restOf(plan: Plan, all: ReplayBounds, taken: ReplayBounds): ReplayBounds | undefined {
  const streams = new Set(plan.inputs.map(({ topic }) => topic.name))
  let more = false
  const rest = Object.entries(all).map(([topic, own]) => {
    if (!streams.has(topic)) return [topic, own] as const
    const bounds = own.map(({ end }, partition) => {
      const start = taken[topic]?.[partition]?.end ?? end
      if (start < end) more = true
      return { start, end }
    })
    return [topic, bounds] as const
  })
  return more ? Object.fromEntries(rest) : undefined
}

function rowAsked(plan: Plan, { values }: RowAsked, results: readonly KafkaRecord[]): Row | undefined {
  const { destination } = plan
  const { id } = destination.contract.topic
  let found: Row | undefined
  for (const { value } of results) {
    const row = fieldsOfValue(destination, value)
    if (row !== undefined && id.every((field) => String(row[field]) === String(values[field]))) found = row
  }
  return found
}

function deadOf(plan: Plan, collector: Collector, records: readonly KafkaRecord[]): readonly DeadEvent[] {
  return records.flatMap(({ headers, value }) => {
    const text = (name: string): string => headerOf(headers, name)?.toString('utf8') ?? ''
    const name = text('topic')
    const topic = plan.inputs.find((input) => input.topic.name === name)?.topic
    const fields = fieldsOfValue(topic, value)
    const eventTime = fields === undefined ? undefined : Number(fields[topic?.contract.topic.time ?? ''])
    if (eventTime !== undefined && !collector.isInTime(eventTime)) return []
    const told = fields === undefined ? undefined : collector.toldBy(name, fields)
    if (told === false) return []
    const place = { topic: name, partition: Number(text('partition')), offset: Number(text('offset')) }
    return [{ ...place, eventTime, step: text('step'), reason: text('error'), isCertain: told === true }]
  })
}
