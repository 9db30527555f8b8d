import { CutLog, Lane, RecordFrame } from '#engine/delivery'
import { memoryRegistry, type Registry, type Topic, topic } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { untilNow } from '../../engine/delivery/delivery-fixture.ts'
import { type S3Address, S3Destination } from '../../sinks/s3/index.ts'

/** A fact with a field of every type that a contract may have. */
export interface Trade {
  readonly tradeId: string
  readonly side: string
  readonly payload: Buffer
  readonly live: boolean
  readonly lots: number
  readonly sequence: number
  readonly ratio: number
  readonly settles: number
  readonly tradedAt: number
  readonly price: bigint
  readonly wide: bigint
  readonly tags: readonly string[]
  readonly note: string | null
  readonly fee: bigint | null
  readonly seenAt: number | null
}

const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale })
const timestamp = { type: 'long', logicalType: 'timestamp-millis' }
const field = (name: string, type: unknown) => ({ name, type, doc: name })
const optional = (name: string, type: unknown) => ({ name, type: ['null', type], doc: name, default: null })

export const trades: Topic<Trade> = topic<Trade>({
  type: 'record',
  name: 'Trade',
  namespace: 'test',
  doc: 'A trade.',
  topic: {
    name: 'test.trades.v1',
    kind: 'facts',
    key: 'tradeId',
    time: 'tradedAt',
    id: 'tradeId',
    partitions: 2,
    retention: '10 days',
    owner: 'tests',
  },
  fields: [
    field('tradeId', 'string'),
    field('side', { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] }),
    field('payload', 'bytes'),
    field('live', 'boolean'),
    field('lots', 'int'),
    field('sequence', 'long'),
    field('ratio', 'double'),
    field('settles', { type: 'int', logicalType: 'date' }),
    field('tradedAt', timestamp),
    field('price', decimal(18, 2)),
    field('wide', decimal(38, 4)),
    field('tags', { type: 'array', items: 'string' }),
    optional('note', 'string'),
    optional('fee', decimal(10, 3)),
    optional('seenAt', timestamp),
  ],
})

export const tradeOf = (i: number): Trade => ({
  tradeId: `t${i}`,
  side: i % 3 === 0 ? 'BUY' : 'SELL',
  payload: Buffer.from([i % 256, 255]),
  live: i % 2 === 0,
  lots: i - 50,
  sequence: 2 ** 50 + i,
  ratio: i / 8,
  settles: 20_000 + (i % 5),
  tradedAt: 1_735_689_600_123 + i * 3_600_000,
  price: BigInt(i) * 1_001n - 5_000n,
  wide: (BigInt(i) - 10n) * 12_345_678_901_234_567_890_123_456n,
  tags: i % 4 === 0 ? [] : [`a${i}`, 'ü'],
  note: i % 5 === 0 ? null : `note ${i}`,
  fee: i % 7 === 0 ? null : BigInt(-i),
  seenAt: i % 2 === 0 ? null : 1_735_689_600_999,
})

/** The first trade as Python prints it. */
export const firstAsPython = [
  't0',
  'BUY',
  "b'\\x00\\xff'",
  'True',
  '-50',
  '1125899906842624',
  '0.0',
  '2024-10-04',
  '2025-01-01 00:00:00.123000+00:00',
  '-50.00',
  '-12345678901234567890123.4560',
  '[]',
  'None',
  'None',
  'None',
]

/** An unscaled decimal with its point. */
export const decimalText = (unscaled: bigint, scale: number): string => {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

export interface Market {
  readonly broker: FakeBroker
  readonly registry: Registry
  trade(count: number, from?: number): void
  /** Brings everything written so far to the bucket, in cuts of so many rows. */
  deliver(address: S3Address, rows: number): Promise<void>
  /** `_hash` of every record written. */
  hashes(): bigint[]
}

/** A broker in memory with trades on it, and the S3 sink as it runs. */
export async function market(): Promise<Market> {
  const broker = fakeBroker({ seed: 1 })
  const registry = memoryRegistry()
  const schemaId = await registry.register(trades)
  await broker.admin.ensure([{ name: trades.name, partitions: 2, settings: {} }])
  const log = new CutLog({ sink: 's3', broker, clock: systemClock })
  await log.ensure()
  const frame = new RecordFrame()
  return {
    broker,
    registry,
    trade(count, from = 0) {
      for (let i = from; i < from + count; i++) {
        const value = Buffer.from(trades.frame(schemaId, tradeOf(i)))
        broker.write({ topic: trades.name, partition: i % 2, key: Buffer.from(`t${i}`), value })
      }
    },
    async deliver(address, rows) {
      const destination = new S3Destination({ address, registry, silverOf: () => 'day' })
      const lane = new Lane({
        app: 'test',
        topic: trades,
        source: trades.name,
        lane: 0,
        lanes: 1,
        generation: 1,
        limits: { rows, bytes: 10_000_000, ageMs: 20 },
        broker,
        registry,
        destination,
        log,
        clock: systemClock,
        until: await untilNow(broker, trades.name),
      })
      const ended = await lane.run(new AbortController().signal)
      await destination.close()
      if (ended !== 'finished') throw lane.failure ?? new Error(`the lane ended ${ended}`)
    },
    hashes: () =>
      broker.committed(trades.name).map((record) => {
        frame.take(record)
        return (BigInt(frame.high) << 32n) | BigInt(frame.low)
      }),
  }
}
