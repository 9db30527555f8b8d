import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { type Broker, type KafkaRecord, kafkaBroker } from '#engine/broker'
import { CutLog } from '#engine/delivery'
import { readAll } from '#engine/runtime'
import { memoryRegistry, tableOf } from '#engine/schema'
import { systemClock } from '#engine/time'
import { cacheFolder } from '../../../deploy/config.ts'
import { type RunningStack, startStack } from '../../../deploy/local/index.ts'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import { ObjectStore } from '../../../sinks/s3/index.ts'
import { Random } from '../../crash/random.ts'
import type { Choices, Verdict } from '../../crash/suite.ts'
import { beginLanesAgain } from '../begin-again.ts'
import { bothOf, topicsOf, UNWANTED, Writer, type Written } from '../facts.ts'
import { forget, openOf } from '../progress.ts'
import { type Scene, type Script, type StoreName, scriptOf, storeNames } from '../script.ts'
import { difference, expectedOf, type Fact, merged, sizeOf } from '../truth.ts'
import { RealSinkCrew } from './crew.ts'
import { foundIn } from './found.ts'
import { StoreProxy } from './proxy.ts'

const SETTLES_WITHIN_MS = 90_000
const LONGEST_SCENE_MS = 700
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export interface RealDelivery {
  run(seed: number, signal: AbortSignal): Promise<Verdict>
  /** Leaves no process and no file behind. */
  close(): Promise<void>
}

/** A Kafka, a ClickHouse and an S3 of its own for seeds to run on, one after the other. */
export async function openReal({ fetching }: Choices): Promise<RealDelivery> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-crash-delivery-'))
  const services = ['kafka', 'clickhouse', 's3'] as const
  const stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services })
  const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers, clientId: 'crash-delivery' })
  const proxies = {
    clickhouse: await StoreProxy.open(stack.addresses.clickhouse.url),
    s3: await StoreProxy.open(stack.addresses.s3.endpoint),
  }
  return {
    run: (seed, signal) =>
      new RealRun(stack, broker, proxies, scriptOf(seed, new Random(seed)), fetching ?? 'lean').run(signal),
    async close() {
      await Promise.all([proxies.clickhouse.close(), proxies.s3.close(), broker.close()])
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One seed on real services. */
class RealRun {
  readonly #stack: RunningStack
  readonly #broker: Broker
  readonly #script: Script
  readonly #topics: ReturnType<typeof topicsOf>
  readonly #crew: RealSinkCrew
  readonly #logs: readonly CutLog[]
  readonly #objects: ObjectStore
  readonly #clickhouse: ClickHouseClient
  readonly #registry = memoryRegistry()
  readonly #app: string
  readonly #facts: Fact[] = []
  readonly #generations: Map<string, number>
  #events = 0

  constructor(
    stack: RunningStack,
    broker: Broker,
    proxies: Readonly<Record<StoreName, StoreProxy>>,
    script: Script,
    fetching: 'lean' | 'librdkafka',
  ) {
    const { seed, lanes, rows, ageMs, overflows } = script
    const { clickhouse, s3, kafka } = stack.addresses
    const prefix = `s${seed}`
    const bucket = `crash-${seed}`
    this.#app = `crash-${seed}`
    this.#stack = stack
    this.#broker = broker
    this.#script = script
    this.#topics = topicsOf(prefix)
    this.#generations = new Map(bothOf(this.#topics).map(({ name }) => [name, 1]))
    this.#logs = storeNames.map((sink) => new CutLog({ sink, broker, clock: systemClock }))
    this.#objects = new ObjectStore({ ...s3, bucket })
    const { url, username, password } = clickhouse
    this.#clickhouse = createClient({ url, username, password })
    this.#crew = new RealSinkCrew({
      stack,
      proxies,
      // Who is stopped here is stopped for less than a lease.
      stops: !overflows,
      order: {
        ...{ app: this.#app, prefix, brokers: kafka.brokers, fetching, lanes, rows, ageMs },
        clickhouse: { username, password, url: proxies.clickhouse.url },
        s3: { ...s3, bucket, endpoint: proxies.s3.url },
      },
    })
  }

  async run(signal: AbortSignal): Promise<Verdict> {
    const { partitions, scenes, seed } = this.#script
    const topics = bothOf(this.#topics)
    const ids = new Map<string, number>()
    for (const topic of topics) ids.set(topic.name, await this.#registry.register(topic))
    const writer = new Writer(this.#topics, ids, new Random(seed + 1))
    await this.#broker.admin.ensure(topics.map(({ name }) => ({ name, partitions, settings: {} })))
    await this.#prepareTables()
    for (const log of this.#logs) await log.ensure()
    try {
      this.#crew.begin()
      // Started processes need a moment before there is anything to disturb.
      await pause(2_000)
      for (const scene of scenes) {
        if (signal.aborted) throw new Error('interrupted')
        await this.#play(scene, writer)
      }
      await this.#settle(signal)
      await this.#crew.leave()
      const lines = topics.map((topic) =>
        expectedOf(
          topic,
          this.#facts.filter(({ record }) => record.topic === topic.name),
        ),
      )
      const expected = merged(lines)
      const stores = { clickhouse: this.#clickhouse, objects: this.#objects, read: (name: string) => this.#read(name) }
      const found = merged(await Promise.all(topics.map((topic) => foundIn(stores, topic))))
      const wrong = this.#crew.failure ?? difference(expected, found)
      return { events: this.#events, blows: this.#crew.blows, results: sizeOf(expected), difference: wrong }
    } finally {
      await this.#crew.end()
      for (const log of this.#logs) await log.close()
      await this.#clickhouse.close()
      this.#objects.close()
    }
  }

  async #prepareTables(): Promise<void> {
    const own = new ClickHouseDestination({ address: this.#stack.addresses.clickhouse, registry: this.#registry })
    for (const topic of bothOf(this.#topics)) await own.prepare(topic)
    await own.close()
    const { database, name } = tableOf(this.#topics.sales)
    const unwanted = Number(UNWANTED) / 100
    await this.#clickhouse.command({
      query: `ALTER TABLE ${database}.${name} ADD CONSTRAINT IF NOT EXISTS wanted CHECK amount != ${unwanted}`,
    })
  }

  async #play({ records, blows, waitMs, madeAnew, overflow }: Scene, writer: Writer): Promise<void> {
    if (madeAnew) await this.#anew(writer)
    await this.#write(writer.some(records))
    for (const blow of blows)
      if (blow.kind === 'retention') await forget(this.#broker, bothOf(this.#topics), this.#logs)
      else await this.#crew.apply(blow)
    await pause(Math.min(LONGEST_SCENE_MS, waitMs))
    if (overflow) await this.#overflowWindow()
  }

  /** Every table's tokens are forgotten, as when others' inserts came: at a moment when nothing is on its way. */
  async #overflowWindow(): Promise<void> {
    await this.#crew.without('clickhouse', async () => {
      for (const topic of bothOf(this.#topics))
        for (const window of [0, 10_000]) {
          const { database, name } = tableOf(topic)
          const query = `ALTER TABLE ${database}.${name} MODIFY SETTING non_replicated_deduplication_window = ${window}`
          await this.#clickhouse.command({ query })
        }
    })
  }

  /** See `simulated/made-anew.ts`. */
  async #anew(writer: Writer): Promise<void> {
    const { sales } = this.#topics
    const { partitions, lanes } = this.#script
    const known = writer.some(50).filter(({ topic }) => topic === sales.name)
    await this.#write(known.map((sale, n) => ({ ...sale, partition: n % partitions })))
    await this.#settle(new AbortController().signal)
    await this.#crew.leave()
    this.#crew.expectsMadeAnew = true
    await this.#broker.admin.remove([sales.name])
    while ((await this.#broker.admin.topics()).has(sales.name)) await pause(100)
    await this.#broker.admin.ensure([{ name: sales.name, partitions, settings: {} }])
    this.#generations.set(sales.name, 2)
    this.#crew.begin()
    const stopped = storeNames.length * Math.min(lanes, partitions)
    for (let tries = 0; tries < 200 && this.#crew.madeAnew.size < stopped; tries++) await pause(100)
    await this.#crew.end()
    await beginLanesAgain(
      {
        ...{ app: this.#app, topic: sales, lanes, partitions },
        ...{ broker: this.#broker, registry: this.#registry, clock: systemClock },
      },
      this.#crew.madeAnew,
    )
    this.#crew.expectsMadeAnew = false
    this.#crew.begin()
  }

  async #write(records: readonly (Written & { readonly partition?: number })[]): Promise<void> {
    const producer = await this.#broker.producer()
    for (const record of records) await producer.send(record)
    await producer.flush()
    await producer.close()
    this.#events += records.length
    for (const { name } of bothOf(this.#topics)) await this.#remember(name, this.#generations.get(name) ?? 1)
  }

  /** Keeps what was written, whatever Kafka forgets later. */
  async #remember(topic: string, generation: number): Promise<void> {
    const own = this.#facts.filter((fact) => fact.generation === generation && fact.record.topic === topic)
    const known = new Set(own.map(({ record }) => `${record.partition}@${record.offset}`))
    for (const record of await this.#read(topic))
      if (!known.has(`${record.partition}@${record.offset}`)) this.#facts.push({ record, generation })
  }

  async #read(topic: string): Promise<readonly KafkaRecord[]> {
    const records: KafkaRecord[] = []
    const partitions = (await this.#broker.admin.topics()).get(topic) ?? 0
    for (let partition = 0; partition < partitions; partition++)
      await readAll(this.#broker, { topic, partition }, (record) => records.push(record), 'settled')
    return records
  }

  /** Resolves when everything that was written is done in both sinks. */
  async #settle(signal: AbortSignal): Promise<void> {
    this.#crew.heal()
    const until = performance.now() + SETTLES_WITHIN_MS
    for (;;) {
      await pause(300)
      if (signal.aborted) throw new Error('interrupted')
      if (this.#crew.failure !== undefined) throw new Error(this.#crew.failure)
      const open = await openOf(this.#broker, bothOf(this.#topics), this.#logs)
      if (open === '') return
      if (performance.now() > until) throw new Error(`it does not come to rest: ${open}`)
    }
  }
}
