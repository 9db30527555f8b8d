import { CutLog, Lane, RecordFrame } from '#engine/delivery'
import { type AvroDuration, memoryRegistry, type Registry, type Topic, topic } from '#engine/schema'
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
  readonly venue: Venue | null
  readonly ladder: readonly (Venue | null)[]
  readonly labels: Readonly<Record<string, number | null>>
  readonly reference: { readonly long: number } | { readonly 'test.Venue': Venue } | null
  readonly exact: bigint
  readonly exactest: bigint
  readonly wall: number
  readonly opens: number
  readonly uid: string
  readonly tenor: AvroDuration
  readonly digest: Buffer
  readonly weight: number
}

export interface Venue {
  readonly code: string
  readonly fee: bigint | null
  readonly tags: readonly string[]
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
    optional('venue', {
      type: 'record',
      name: 'Venue',
      fields: [
        field('code', 'string'),
        optional('fee', decimal(30, 3)),
        field('tags', { type: 'array', items: 'string' }),
      ],
    }),
    field('ladder', { type: 'array', items: ['null', 'Venue'] }),
    field('labels', { type: 'map', values: ['null', 'long'] }),
    { name: 'reference', type: ['null', 'long', 'Venue'], doc: 'reference', default: null },
    field('exact', { type: 'long', logicalType: 'timestamp-micros' }),
    field('exactest', { type: 'long', logicalType: 'timestamp-nanos' }),
    field('wall', { type: 'long', logicalType: 'local-timestamp-millis' }),
    field('opens', { type: 'int', logicalType: 'time-millis' }),
    field('uid', { type: 'string', logicalType: 'uuid' }),
    field('tenor', { type: 'fixed', name: 'Tenor', size: 12, logicalType: 'duration' }),
    field('digest', { type: 'fixed', name: 'Digest', size: 4 }),
    field('weight', 'float'),
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
  venue: i % 3 === 1 ? null : venueOf(i),
  ladder: i % 4 === 1 ? [] : [venueOf(i), null],
  labels: i % 5 === 1 ? {} : { one: i, none: null },
  reference: i % 3 === 0 ? { long: i } : i % 3 === 1 ? { 'test.Venue': venueOf(i) } : null,
  exact: 1_735_689_600_123_456n + BigInt(i),
  exactest: 1_735_689_600_123_456_789n + BigInt(i),
  wall: 1_735_689_600_123,
  opens: 34_200_250,
  uid: `0190163d-8694-739b-aea5-${String(i).padStart(12, '0')}`,
  tenor: { months: 3, days: i, milliseconds: 4_294_967_295 },
  digest: Buffer.from([222, 173, 190, i % 256]),
  weight: i / 4,
})

const venueOf = (i: number): Venue => ({
  code: `v${i}`,
  fee: i % 2 === 0 ? -12_345_678_901_234_567_890_123n : null,
  tags: i % 2 === 0 ? [] : ['x', 'y'],
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

const venueAsPython = "{'code': 'v0', 'fee': Decimal('-12345678901234567890.123'), 'tags': []}"

/** What follows in it, but for what Python has no value of: in nanoseconds since 1970. */
export const nestedAsPython = {
  venue: venueAsPython,
  ladder: `[${venueAsPython}, None]`,
  labels: "{'one': 0, 'none': None}",
  reference: "{'_type': 'long', 'long': 0, 'Venue': None}",
  exact: '2025-01-01 00:00:00.123456+00:00',
  exactest: '1735689600123456789',
  wall: '2025-01-01 00:00:00.123000',
  opens: '09:30:00.250000',
  uid: '0190163d-8694-739b-aea5-000000000000',
  tenor: "{'months': 3, 'days': 0, 'milliseconds': 4294967295}",
  digest: "b'\\xde\\xad\\xbe\\x00'",
  weight: '0.0',
}

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
