import type { Plan } from '#engine'
import type { KafkaRecord } from '#engine/broker'
import type { KeyVault } from '#engine/governance'
import { names, type Recorded, readRecordedTime } from '#engine/runtime'
import { type Topic, topic } from '#engine/schema'
import { type Driven, type FakeBroker, testClock } from '#engine/testing'
import { milliseconds } from '#engine/time'
import { drivenPlan } from '../processors/driven.ts'

/** What the pages of the manual share: times of one day, contracts in short form, and a processor without a broker. */

/** A time of the day that every page plays on. */
export const at = (time: string): number => Date.parse(`2025-01-01T${time}Z`)
/** The time of day of an event time. */
export const timeOf = (eventTime: number): string => new Date(eventTime).toISOString().slice(11, 19)

type Short = 'text' | 'text?' | 'long' | 'money' | 'time'
const TYPES: Readonly<Record<Short, unknown>> = {
  text: 'string',
  'text?': ['null', 'string'],
  long: 'long',
  money: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 },
  time: { type: 'long', logicalType: 'timestamp-millis' },
}

/** A contract as an `.avsc` file holds it, without what the pages do not speak of. */
export function contract<V>(
  name: string,
  terms: { readonly key: string | readonly string[]; readonly time: string } & Readonly<Record<string, unknown>>,
  fields: Readonly<Record<keyof V & string, Short | readonly [Short, object]>>,
): Topic<V> {
  return topic<V>({
    type: 'record',
    name: 'Event',
    namespace: name.split('.')[0],
    doc: 'An event of the manual.',
    topic: { name, kind: 'facts', id: [], partitions: 4, retention: 'forever', owner: 'manual', ...terms },
    fields: Object.entries<Short | readonly [Short, object]>(fields).map(([field, short]) => {
      const [type, more] = typeof short === 'string' ? [short, {}] : short
      return {
        name: field,
        type: TYPES[type],
        doc: 'A field.',
        ...(type === 'text?' ? { default: null } : {}),
        ...more,
      }
    }),
  })
}

/** A processor that runs on a broker in memory, by a clock that the page moves. */
export interface Page {
  readonly driven: Driven
  /** Writes events now, by the page's clock. */
  write<V>(topic: Topic<V>, ...events: readonly V[]): void
  /** Works until there is nothing left to do, and everything is committed. */
  run(): Promise<void>
  /** Lets time pass, and works again. */
  pass(duration: string): Promise<void>
  rows<V>(topic: Topic<V>): V[]
  late(): readonly KafkaRecord[]
  deadLetters(): readonly KafkaRecord[]
  /** What was decided about time, as a replay will find it. */
  decided(): Promise<readonly Recorded[]>
}

export async function opened(
  plan: Plan,
  options: {
    readonly vault?: KeyVault
    readonly partitions?: number
    readonly now?: string
    /** The broker of an earlier page: this one goes on where that one stopped. */
    readonly broker?: FakeBroker
    readonly seed?: number
  } = {},
): Promise<Page> {
  const { now = '12:00:00', partitions = 1, ...others } = options
  const { driven, write, rows } = await drivenPlan(plan, { clock: testClock(at(now)), partitions, ...others })
  const { deployment, clock, broker } = driven
  return {
    driven,
    rows,
    write: (to, ...events) => write(to, events),
    run: () => driven.run(),
    async pass(duration) {
      clock.advance(milliseconds(duration))
      await driven.run()
    },
    late: () => driven.read(names.late(deployment)),
    deadLetters: () => driven.read(names.deadLetter(deployment)),
    async decided() {
      const stages = await readRecordedTime(broker, names.time(deployment))
      return [...stages.values()].flatMap((partitionsOf) => [...partitionsOf.values()].flat())
    },
  }
}

/** A header of a record that was put aside. */
export const header = (record: KafkaRecord | undefined, name: string): string | undefined =>
  record?.headers?.[name]?.toString()
