// What the clients alone do, in a process of its own: take every record of a topic, or send as many that are ready.
//   node --import tsx bench/programs/raw.ts '{"mode":"consume","brokers":"…","topic":"…","records":1000000}'
// Prints one line of JSON. Each value's last byte is read: handing over views that nobody opens would flatter a reader.
import { kafkaBroker, type PlainProducer } from '#engine/broker'
import { purchases } from '#schemas'
import { PARTITIONS, recordsOf, worldOf } from '../world.ts'

export interface RawProgram {
  readonly mode: 'consume' | 'consume-lean' | 'produce'
  readonly brokers: string
  readonly topic: string
  readonly records: number
}

const told = JSON.parse(process.argv[2] ?? '{}') as RawProgram
const broker = kafkaBroker({
  brokers: told.brokers.split(','),
  fetching: told.mode === 'consume-lean' ? 'lean' : 'librdkafka',
})

async function consume(): Promise<() => Promise<number>> {
  const reader = await broker.reader()
  return async () => {
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: told.topic, partition }))
    await reader.assign(partitions.map((at) => ({ ...at, offset: 0 })))
    let touched = 0
    for (let taken = 0; taken < told.records; ) {
      const records = await reader.read(10_000, 500)
      for (const { value } of records) touched += value?.[value.length - 1] ?? 0
      taken += records.length
    }
    return touched
  }
}

async function produce(): Promise<() => Promise<number>> {
  const producer: PlainProducer = await broker.producer()
  const ready = [...recordsOf(worldOf(10_000, Date.now()), purchases.name, 1)]
  return async () => {
    for (let n = 0; n < told.records; n++) {
      const full = producer.send({ topic: told.topic, ...(ready[n % ready.length] as (typeof ready)[number]) })
      if (full) await full
    }
    await producer.flush()
    return told.records
  }
}

const work = await (told.mode === 'produce' ? produce() : consume())
const cpuBegan = process.cpuUsage()
const began = performance.now()
const done = await work()
const seconds = (performance.now() - began) / 1_000
const { user, system } = process.cpuUsage(cpuBegan)
if (done === 0) throw new Error('nothing was touched')
console.log(
  JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 }),
)
await broker.close()
