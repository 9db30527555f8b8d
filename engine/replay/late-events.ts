import { type Broker, headerOf, type KafkaRecord } from '#engine/broker'
import type { Lateness } from '#engine/compile'
import { readAll } from '#engine/runtime'
import type { ReplayBounds } from './generations.ts'

/** An event that a generation left out, as its late topic tells it. */
export interface LateEvent {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds, as `lateness`. */
  readonly eventTime: number
  readonly lateness: number
  readonly reason: Lateness['reason']
  /** Starts of the windows it missed; empty where a join, not a window, was too late for it. */
  readonly starts: readonly number[]
  /** Where the late topic tells it. */
  readonly told: { readonly partition: number; readonly offset: number }
}

/** Everything on a late topic; empty where there is no such topic. */
export async function readLate(broker: Broker, topic: string): Promise<readonly LateEvent[]> {
  const events: LateEvent[] = []
  const partitions = (await broker.admin.topics()).get(topic) ?? 0
  for (let partition = 0; partition < partitions; partition++)
    await readAll(broker, { topic, partition }, (record) => {
      const event = lateEvent(record)
      if (event !== undefined) events.push(event)
    })
  return events
}

function lateEvent({ headers, ...told }: KafkaRecord): LateEvent | undefined {
  const text = (name: string): string => headerOf(headers, name)?.toString('utf8') ?? ''
  const topic = text('topic')
  if (topic === '') return undefined
  const windows = text('windows')
  return {
    topic,
    partition: Number(text('partition')),
    offset: Number(text('offset')),
    eventTime: Number(text('eventTime')),
    lateness: Number(text('lateness')),
    reason: text('reason') as LateEvent['reason'],
    starts: windows === '' ? [] : windows.split(',').map((window) => Number(window.split('/')[0])),
    told: { partition: told.partition, offset: told.offset },
  }
}

/** Bounds that hold these events too: a plan ends with what closed its windows, and they came later. */
export function reaching(bounds: ReplayBounds, events: readonly LateEvent[]): ReplayBounds {
  const reached: Record<string, { start: number; end: number }[]> = {}
  for (const [topic, own] of Object.entries(bounds)) reached[topic] = own.map((bound) => ({ ...bound }))
  for (const { topic, partition, offset } of events) {
    const bound = reached[topic]?.[partition]
    if (bound !== undefined) bound.end = Math.max(bound.end, offset + 1)
  }
  return reached
}
