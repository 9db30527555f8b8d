import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { memoryRegistry, type Registry, type Topic, topic } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import type { CutLimits } from './batch.ts'
import type { Cut, Destination, RefusedRow } from './contract.ts'
import { CutLog } from './cut-log.ts'
import type { LaneOptions } from './lane-options.ts'

export interface Sale {
  readonly saleId: string
  readonly amount: bigint
  readonly soldAt: number
}

export const sales: Topic<Sale> = topic<Sale>({
  type: 'record',
  name: 'Sale',
  namespace: 'test',
  doc: 'A sale.',
  topic: {
    name: 'test.sales.v1',
    kind: 'facts',
    key: 'saleId',
    time: 'soldAt',
    id: 'saleId',
    partitions: 3,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [
    { name: 'saleId', type: 'string', doc: 'Id.' },
    { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 }, doc: 'Amount.' },
    { name: 'soldAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'Time.' },
  ],
})

const placeOf = ({ partition, offset }: KafkaRecord): string => `${partition}@${offset}`

/**
 * A store that takes a cut under a token as ClickHouse does: the same cut twice is there once, but a row that two
 * *different* cuts bring is there twice. So it shows a lane that decides an undone cut anew.
 */
export class MemoryStore implements Destination {
  readonly name = 'memory'
  readonly rows: string[] = []
  readonly writes: { readonly cut: Cut; readonly again: boolean; readonly places: readonly string[] }[] = []
  /** Decides about each write: throw before it lands, or after. */
  fault: ((phase: 'before' | 'after') => void) | undefined
  refuses: (record: KafkaRecord) => string | undefined = () => undefined
  private readonly tokens = new Set<string>()

  async prepare(): Promise<void> {}

  async write(_: unknown, cut: Cut, records: readonly KafkaRecord[], again: boolean): Promise<readonly RefusedRow[]> {
    this.fault?.('before')
    this.writes.push({ cut, again, places: records.map(placeOf) })
    const refused: RefusedRow[] = []
    const token = `${cut.topic}/${cut.generation}/${cut.lane}/${cut.number}/${JSON.stringify(cut.ranges)}`
    const landed = this.tokens.has(token)
    this.tokens.add(token)
    for (const record of records) {
      const reason = this.refuses(record)
      if (reason !== undefined) refused.push({ record, reason })
      else if (!landed) this.rows.push(placeOf(record))
    }
    this.fault?.('after')
    return refused
  }

  async close(): Promise<void> {}
}

export const unavailable = (): KappaError =>
  new KappaError('SERVICE_UNAVAILABLE', 'writing to a store that is away', { retriable: true })

export interface World {
  readonly broker: FakeBroker
  readonly registry: Registry
  readonly store: MemoryStore
  readonly schemaId: number
  /** Writes sales numbered from `from`, spread over the partitions. */
  sell(count: number, from?: number): void
  /** A lane as a fresh process would have it. */
  options(more?: Partial<LaneOptions>): LaneOptions
  /** Every committed record, as the store names rows. */
  expected(): string[]
}

export const quick: CutLimits = { rows: 50, bytes: 1_000_000, ageMs: 20 }

export async function world(seed = 1): Promise<World> {
  const broker = fakeBroker({ seed, lateMarkers: true })
  const registry = memoryRegistry()
  const schemaId = await registry.register(sales)
  await broker.admin.ensure([{ name: sales.name, partitions: 3, settings: {} }])
  const store = new MemoryStore()
  await new CutLog({ sink: 'memory', broker, clock: systemClock }).ensure()
  return {
    broker,
    registry,
    store,
    schemaId,
    sell(count, from = 0) {
      for (let i = from; i < from + count; i++) {
        const sale = { saleId: `s${i}`, amount: BigInt(i), soldAt: 1_700_000_000_000 + i * 1_000 }
        const value = Buffer.from(sales.frame(schemaId, sale))
        broker.write({ topic: sales.name, partition: i % 3, key: Buffer.from(sale.saleId), value })
      }
    },
    options: (more = {}) => ({
      app: 'test',
      topic: sales,
      source: sales.name,
      lane: 0,
      lanes: 1,
      generation: 1,
      limits: quick,
      broker,
      registry,
      destination: store,
      log: new CutLog({ sink: 'memory', broker, clock: systemClock }),
      clock: systemClock,
      ...more,
    }),
    expected: () => broker.committed(sales.name).map(placeOf),
  }
}

/** The committed ends as the end of a bounded lane. */
export async function untilNow(broker: FakeBroker, name: string): Promise<ReadonlyMap<number, number>> {
  return new Map((await broker.admin.settledEnds(name)).map((end, partition) => [partition, end]))
}
