import type { KafkaRecord } from '#engine/broker'
import { compile, type Stage } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { purchases } from '#schemas'
import revenuePerMinute from '../processors/revenue-per-minute.ts'

/**
 * The fused loop alone, in process: pre-encoded purchases through the first stage of revenue-per-minute, a commit's worth
 * of drain and delta every 50,000 events. No broker, no network: what fetching and producing leave room for.
 *
 *   node --import tsx bench/stage.ts [events] [countries|users]
 */
const EVENTS = Number(process.argv[2] ?? 2_000_000)
const KEYS = process.argv[3] === 'users' ? 50_000 : 8
const COMMIT_EVERY = 50_000
const FETCHED = 1_000
const START = 1_735_689_600_000

const registry = memoryRegistry()
const schemaId = await registry.register(purchases)
const resultId = await registry.register(revenuePerMinute.destination)

/** Distinct records are made once and taken again and again; only the event time has to move, so each round is its own minute. */
function recordsOf(round: number): KafkaRecord[] {
  return Array.from({ length: COMMIT_EVERY }, (_none, n) => {
    const key = n % KEYS
    const value = purchases.frame(schemaId, {
      eventId: `e${round}-${n}`,
      sessionId: `session-${n % 977}`,
      visitorId: `visitor-${n % 1999}`,
      customerId: `customer-${n % 1499}`,
      country: String.fromCharCode(65 + (key % 26), 65 + (Math.floor(key / 26) % 26)),
      device: 'MOBILE',
      orderId: `o${n}`,
      status: n % 10 === 0 ? 'REFUSED' : 'PAID',
      amount: BigInt(1_000 + (n % 9_000)),
      currency:
        KEYS === 8
          ? 'EUR'
          : [0, 1, 2].map((at) => String.fromCharCode(65 + (Math.floor(key / 676 / 26 ** at) % 26))).join(''),
      items: 1 + (n % 5),
      paymentMethod: 'CARD',
      refusalReason: null,
      ip: 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      email: 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      name: 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      address: 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      occurredAt: START + round * 60_000 + (n % 60_000),
    })
    return {
      topic: purchases.name,
      partition: 0,
      offset: round * COMMIT_EVERY + n,
      timestamp: START,
      key: null,
      value,
      headers: undefined,
    }
  })
}

const [spec] = compile(revenuePerMinute)
if (!spec) throw new Error('revenue-per-minute has no stage')
const stage: Stage = spec.open({
  partition: 0,
  partitions: 4,
  generation: 1,
  schemaIds: new Map([[revenuePerMinute.destination.name, resultId]]),
  registry,
})

let taken = 0
let nanoseconds = 0n
let cpu = 0
let outputs = 0
let stateBytes = 0
for (let round = 0; taken < EVENTS; round++) {
  const records = recordsOf(round)
  const cpuBegan = process.cpuUsage()
  const began = process.hrtime.bigint()
  for (let from = 0; from < records.length; from += FETCHED) {
    const slice = [records.slice(from, from + FETCHED)]
    await stage.prepare(slice)
    stage.accept(slice)
  }
  outputs += stage.drain().length
  stateBytes += stage.takeDelta()?.length ?? 0
  nanoseconds += process.hrtime.bigint() - began
  const { user, system } = process.cpuUsage(cpuBegan)
  cpu += user + system
  taken += records.length
}
const seconds = Number(nanoseconds) / 1e9
console.log(
  `${taken} events, ${KEYS} keys: ${Math.round(taken / seconds)} events/s, ${((seconds * 1e9) / taken).toFixed(0)} ns an event (CPU ${((cpu * 1e3) / taken).toFixed(0)} ns); ${outputs} records and ${stateBytes} bytes of state written; late ${stage.counts.late}, dead letters ${stage.counts.deadLettered}`,
)
