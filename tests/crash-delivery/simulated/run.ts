import { CutLog } from '#engine/delivery'
import { memoryRegistry } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { Random } from '../../crash/random.ts'
import { Network } from '../../crash/simulated/network.ts'
import { VirtualTime } from '../../crash/simulated/virtual-time.ts'
import type { Verdict } from '../../crash/suite.ts'
import { bothOf, topicsOf, Writer } from '../facts.ts'
import { forget, openOf } from '../progress.ts'
import { type Scene, type Script, scriptOf, storeNames } from '../script.ts'
import { difference, expectedOf, type Fact, merged, sizeOf } from '../truth.ts'
import { FakeBucket } from './bucket.ts'
import { FakeClickHouse } from './clickhouse.ts'
import { SinkCrew, type World } from './crew.ts'
import { foundInFakes } from './found.ts'
import { anew } from './made-anew.ts'
import { StoreWay } from './way.ts'

/** 2026-01-01T00:00:00Z */
const BEGINNING = 1_767_225_600_000
const SETTLES_WITHIN_MS = 900_000

/** One seed over brokers and stores in memory, in virtual time: the seed alone reproduces every turn of it. */
export async function runSimulated(seed: number, signal?: AbortSignal): Promise<Verdict> {
  const script = scriptOf(seed, new Random(seed))
  const time = new VirtualTime(BEGINNING)
  return await time.run(() => run(time, script), signal)
}

async function run(time: VirtualTime, script: Script): Promise<Verdict> {
  const { seed, partitions, scenes } = script
  const random = new Random(seed + 1)
  const registry = memoryRegistry()
  const topics = topicsOf(`s${seed}`)
  const ids = new Map<string, number>()
  for (const topic of bothOf(topics)) ids.set(topic.name, await registry.register(topic))
  // A transaction of a process that died ends by itself, as on a real broker: a lane of generation 1 may wait for one of 2.
  const broker = fakeBroker({ clock: time, seed, lateMarkers: random.chance(0.5), transactionTimeouts: true })
  await broker.admin.ensure(bothOf(topics).map(({ name }) => ({ name, partitions, settings: {} })))
  const world: World = {
    time,
    broker,
    network: new Network(time, broker, random.fork()),
    ways: { clickhouse: new StoreWay(time, random.fork()), s3: new StoreWay(time, random.fork()) },
    clickhouse: new FakeClickHouse(),
    bucket: new FakeBucket(),
    registry,
    topics: bothOf(topics),
    script,
    random: random.fork(),
  }
  const logs = storeNames.map((sink) => new CutLog({ sink, broker, clock: time }))
  for (const log of logs) await log.ensure()
  const crew = new SinkCrew(world)
  for (const store of storeNames) crew.add(store)
  const writer = new Writer(topics, ids, random.fork())
  const facts: Fact[] = []
  const generations = new Map(bothOf(topics).map(({ name }) => [name, 1]))
  let events = 0
  const play = async ({ records, blows, waitMs, madeAnew, overflow }: Scene): Promise<void> => {
    if (madeAnew) {
      // Every lane has something to know its topic by.
      const sales = writer.some(50).filter(({ topic }) => topic === topics.sales.name)
      for (const [n, sale] of sales.entries()) broker.write({ ...sale, partition: n % partitions })
      remember(facts, broker, topics.sales.name, 1)
      remember(facts, broker, topics.stocks.name, 1)
      await settle(world, crew, logs)
      await anew(world, crew, topics.sales)
      generations.set(topics.sales.name, 2)
    }
    for (const { topic, key, value } of writer.some(records)) {
      broker.write({ topic, key, value })
      events++
    }
    for (const { name } of bothOf(topics)) remember(facts, broker, name, generations.get(name) ?? 1)
    for (const blow of blows)
      if (blow.kind === 'retention') await forget(broker, world.topics, logs)
      else crew.apply(blow)
    await time.sleep(1 + waitMs)
    if (overflow) await crew.without('clickhouse', () => world.clickhouse.overflow())
  }
  for (const scene of scenes) await play(scene)
  await settle(world, crew, logs)
  crew.end()
  const wrong =
    crew.failure ??
    (world.bucket.changed.length > 0 ? `${world.bucket.changed[0]} was written again with other bytes` : undefined)
  const expected = merged(
    bothOf(topics).map((topic) =>
      expectedOf(
        topic,
        facts.filter(({ record }) => record.topic === topic.name),
      ),
    ),
  )
  const found = merged(await Promise.all(bothOf(topics).map((topic) => foundInFakes(world, topic))))
  for (const log of logs) await log.close()
  return { events, blows: crew.blows, results: sizeOf(expected), difference: wrong ?? difference(expected, found) }
}

/** Keeps what was written, whatever Kafka forgets later. */
function remember(facts: Fact[], broker: FakeBroker, topic: string, generation: number): void {
  const known = new Set(
    facts
      .filter((fact) => fact.generation === generation && fact.record.topic === topic)
      .map(({ record }) => `${record.partition}@${record.offset}`),
  )
  for (const record of broker.committed(topic))
    if (!known.has(`${record.partition}@${record.offset}`)) facts.push({ record, generation })
}

/** Resolves when everything that was written is done in both sinks. */
async function settle({ time, topics, broker }: World, crew: SinkCrew, logs: readonly CutLog[]): Promise<void> {
  crew.heal()
  const until = time.now() + SETTLES_WITHIN_MS
  for (;;) {
    await time.sleep(2_000)
    if (crew.failure !== undefined) throw new Error(crew.failure)
    const open = await openOf(broker, topics, logs)
    if (open === '') return
    if (time.now() > until) throw new Error(`it does not come to rest: ${open}; ${crew.told()}`)
  }
}
