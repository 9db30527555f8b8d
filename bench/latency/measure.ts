import { setTimeout } from 'node:timers/promises'
import { kafkaBroker } from '#engine/broker'
import { clicks, purchases } from '#schemas'
import type { Ground, Started } from '../ground.ts'
import type { ProgramName } from '../programs.ts'
import { type QueryName, queries } from '../queries.ts'
import { PARTITIONS } from '../world.ts'
import { causeOf, expected } from './cause.ts'
import { Pace } from './pace.ts'
import { type LatencyRun, type LatencyStep, quantile } from './table.ts'

export interface LatencyOptions {
  /** Events a second, one step each. */
  readonly rates: readonly number[]
  /** Of each step. */
  readonly seconds: number
}

const FRAME = 5
const DAY = 86_400_000
/** Windows of a minute close every second. */
const WINDOW_SPEED = 60
const STARTING = { rate: 1_000, ms: 120_000 }
/** The compilers' time: at the middle rate. */
const WARMING_MS = 15_000
/** Between steps, and behind the last: results of one step do not meet the next one's first events. */
const SETTLING_MS = 3_000
const QUIET_MS = 2_000
const DRAINING_MS = 20_000

/**
 * Produce-to-result latency of one program at fixed rates, as a read-committed consumer in this process sees it: from the
 * moment that the event is handed to the producing client to the moment that the result is read.
 */
export async function measureLatency(
  ground: Ground,
  query: QueryName,
  name: ProgramName,
  { rates, seconds }: LatencyOptions,
): Promise<Omit<LatencyRun, 'round'>> {
  const { broker, registry } = ground
  const { sources } = queries[query]
  await emptied(ground, [purchases.name, clicks.name])
  const started = await ground.start(query, name)
  const { program, load } = started
  const producer = await broker.producer()
  const pace = new Pace({
    producer,
    purchasesId: await registry.idOf(purchases),
    ...(sources.length > 1 ? { clicksId: await registry.idOf(clicks) } : {}),
    speed: ['country', 'user', 'session'].includes(query) ? WINDOW_SPEED : 1,
    start: Math.floor((Date.now() - DAY) / 60_000) * 60_000,
  })
  const watching = new Watching(ground, started, query, name, pace, rates.length)
  try {
    const seen = watching.run()
    await pace.send(STARTING.rate, STARTING.ms, -1, () => program.first !== undefined || program.ended !== undefined)
    if (program.first === undefined) throw new Error(`it took nothing: ${program.ended ?? ''} ${program.complaint}`)
    await pace.send(rates[rates.length >> 1] ?? STARTING.rate, WARMING_MS, -1, () => program.ended !== undefined)
    const steps: Omit<LatencyStep, keyof ReturnType<Watching['figures']>>[] = []
    for (const [step, rate] of rates.entries()) {
      await pace.send(rate, SETTLING_MS, -1)
      if (program.ended !== undefined) throw new Error(`it ended (${program.ended}): ${program.complaint}`)
      const cpuBefore = program.cpuSeconds()
      const sent = await pace.send(rate, seconds * 1_000, step)
      const cpuShare = (program.cpuSeconds() - cpuBefore) / seconds
      steps.push({ rate, sent: sent / seconds, cpuShare, megabytes: program.megabytes() })
    }
    await pace.send(rates.at(-1) ?? STARTING.rate, SETTLING_MS, -1)
    await producer.flush()
    await watching.quiet()
    await seen
    return { query, program: name, load, steps: steps.map((own, step) => ({ ...own, ...watching.figures(step) })) }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    return { query, program: name, load, steps: [], void: reason }
  } finally {
    watching.stop()
    await producer.close()
    await started.end()
  }
}

/** Topics as if new: what an earlier program was sent is gone. */
async function emptied(ground: Ground, topics: readonly string[]): Promise<void> {
  const { admin } = ground.broker
  const there = await admin.topics()
  await admin.remove(topics.filter((topic) => there.has(topic)))
  while ([...(await admin.topics()).keys()].some((topic) => topics.includes(topic))) await setTimeout(100)
  for (const topic of topics) await ground.create(topic)
}

/** Reads results as they come, and holds each against its cause. */
class Watching {
  readonly #ground: Ground
  readonly #started: Started
  readonly #query: QueryName
  readonly #program: ProgramName
  readonly #pace: Pace
  readonly #latencies: number[][]
  readonly #events: number[]
  #changed = performance.now()
  #stopped = false

  constructor(ground: Ground, started: Started, query: QueryName, program: ProgramName, pace: Pace, steps: number) {
    this.#ground = ground
    this.#started = started
    this.#query = query
    this.#program = program
    this.#pace = pace
    this.#latencies = Array.from({ length: steps }, () => [])
    this.#events = Array.from({ length: steps }, () => 0)
  }

  async run(): Promise<void> {
    const { destination } = queries[this.#query].plan
    const cause = causeOf(this.#query, this.#program)
    const broker = kafkaBroker({ brokers: this.#ground.brokers.split(',') })
    const reader = await broker.reader()
    const topic = this.#started.result
    await reader.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })))
    while (!this.#stopped) {
      const records = await reader.read(10_000, 20)
      const now = performance.now()
      if (records.length > 0) this.#changed = now
      for (const { value } of records) {
        if (value === null) continue
        const { sent, events } = cause(destination.decode(value.subarray(FRAME)), this.#pace)
        if (sent === undefined || sent.step < 0) continue
        this.#latencies[sent.step]?.push(now - sent.at)
        this.#events[sent.step] = (this.#events[sent.step] ?? 0) + events
      }
    }
    await reader.close()
    await broker.close()
  }

  /** Resolves when no result has come for a while. */
  async quiet(): Promise<void> {
    const until = performance.now() + DRAINING_MS
    while (performance.now() < until && performance.now() - this.#changed < QUIET_MS) await setTimeout(100)
    this.#stopped = true
  }

  stop(): void {
    this.#stopped = true
  }

  figures(step: number): Pick<LatencyStep, 'results' | 'p50' | 'p95' | 'p99' | 'most' | 'missing'> {
    const sorted = (this.#latencies[step] ?? []).toSorted((a, b) => a - b)
    const due = expected(this.#query, this.#program, this.#pace, step)
    const missing = due === undefined ? {} : { missing: due - (this.#events[step] ?? 0) }
    return {
      results: sorted.length,
      p50: quantile(sorted, 0.5),
      p95: quantile(sorted, 0.95),
      p99: quantile(sorted, 0.99),
      most: sorted.at(-1) ?? Number.NaN,
      ...missing,
    }
  }
}
