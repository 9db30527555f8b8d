import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, type KafkaRecord, kafkaBroker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { names, type RecordedTime, readAll, readRecordedTime, runBounded } from '#engine/runtime'
import { fakeBroker } from '#engine/testing'
import { cacheFolder } from '../../../deploy/config.ts'
import { type RunningStack, startStack } from '../../../deploy/local/index.ts'
import { difference, type Outcome, outcomeOf } from '../outcome.ts'
import { Random } from '../random.ts'
import { BEGINNING, type Script, scriptOf } from '../script.ts'
import { differenceFrom, stateFolderOf } from '../simulated/run.ts'
import { VirtualTime } from '../simulated/virtual-time.ts'
import type { Verdict } from '../suite.ts'
import { type Built, build, type Topology } from '../topologies/index.ts'
import { RealCrew } from './crew.ts'
import type { Order } from './orders.ts'

export interface Real {
  run(seed: number, topology: Topology, fetching: Order['fetching'], signal: AbortSignal): Promise<Verdict>
  /** Leaves no process and no file behind. */
  close(): Promise<void>
}

const LONGEST_SCENE_MS = 1_000

/** A Kafka of its own for seeds to run on, one after the other. */
export async function openReal(): Promise<Real> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-crash-'))
  const stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  const { brokers } = stack.addresses.kafka
  const broker = kafkaBroker({ brokers, clientId: 'crash' })
  return {
    run: (seed, topology, fetching, signal) => runReal({ stack, broker, brokers, seed, topology, fetching, signal }),
    async close() {
      await broker.close()
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface RealRun {
  readonly stack: RunningStack
  readonly broker: Broker
  readonly brokers: readonly string[]
  readonly seed: number
  readonly topology: Topology
  readonly fetching: Order['fetching']
  readonly signal: AbortSignal
}

async function runReal({ stack, broker, brokers, seed, topology, fetching, signal }: RealRun): Promise<Verdict> {
  const prefix = `s${seed}`
  const built = await build(topology, prefix)
  const script = scriptOf(seed, built, new Random(seed))
  const { partitions, settings, workers, isStatic } = script
  const folder = stateFolderOf(built, script)
  const deployment = built.deployment(1)
  const order = {
    brokers,
    topology: topology.name,
    prefix,
    settings,
    fetching,
    isStatic,
    ...(folder === undefined ? {} : { stateFolder: folder }),
  }
  await broker.admin.ensure(topicsOf(built).map((name) => ({ name, partitions, settings: {} })))
  const crew = new RealCrew({ stack, deployment, order, partitions })
  try {
    for (let n = 0; n < workers; n++) crew.add()
    await play(broker, crew, script, signal)
    crew.heal()
    await crew.settle(signal)
    await crew.stop()
  } finally {
    await crew.end()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  const found = await outcomeOf(built, deployment, (topic) => committed(broker, topic, partitions))
  const recorded = await readRecordedTime(broker, names.time(deployment))
  const again = await replayed(broker, built, recorded, partitions)
  const unlike = difference(built, again, found)
  if (unlike) {
    const difference = `beside a bounded run on the same broker that dies on its way: ${unlike}`
    return { events: script.events, blows: crew.blows, results: found.size, difference }
  }
  const written = await Promise.all(built.sources.map(({ topic }) => committed(broker, topic.name, partitions)))
  const sources = written.flat().map(({ topic, partition, key, value }) => ({ topic, partition, key, value }))
  const time = new VirtualTime(BEGINNING)
  const differs = await time.run(async () => {
    const copy = fakeBroker({ clock: time, seed })
    await copy.admin.ensure(topicsOf(built).map((name) => ({ name, partitions, settings: {} })))
    for (const record of sources) copy.write(record)
    return await differenceFrom(time, { built, script, broker: copy, recorded, found, sources })
  }, signal)
  return { events: script.events, blows: crew.blows, results: found.size, difference: differs }
}

/** A replay beside the live run, in small slices, by one that dies on its way and one that goes on. */
async function replayed(broker: Broker, built: Built, recorded: RecordedTime, partitions: number): Promise<Outcome> {
  const deployment = built.deployment(2)
  const ofTopic = async ({ topic: { name } }: Built['sources'][number]) =>
    [name, (await broker.admin.settledEnds(name)).map((end) => ({ start: 0, end }))] as const
  const bounds = new Map(await Promise.all(built.sources.map(ofTopic)))
  const options = { broker, deployment, bounds, recorded, settings: { sliceLimit: 20, commitIntervalMs: 10 } }
  let left = 25
  const dying = runBounded({
    ...options,
    atStep: () => {
      if (--left < 0) throw new KappaError('BROKER', 'dying on the way')
    },
  })
  await dying.catch((thrown) => {
    if (!String(thrown).includes('dying on the way')) throw thrown
  })
  await runBounded(options)
  return await outcomeOf(built, deployment, (topic) => committed(broker, topic, partitions))
}

const topicsOf = (built: Built) => [...built.sources.map(({ topic }) => topic.name), built.plan.destination.name]

async function play(broker: Broker, crew: RealCrew, { scenes }: Script, signal: AbortSignal): Promise<void> {
  const producer = await broker.producer()
  try {
    // Started processes need a moment before there is anything to disturb.
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    for (const { records, blows, waitMs } of scenes) {
      if (signal.aborted) throw new Error('interrupted')
      for (const record of records) await producer.send(record)
      await producer.flush()
      for (const blow of blows) await crew.apply(blow)
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_SCENE_MS, waitMs)))
    }
  } finally {
    await producer.close()
  }
}

async function committed(broker: Broker, topic: string, partitions: number): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  for (let partition = 0; partition < partitions; partition++)
    await readAll(broker, { topic, partition }, (record) => records.push(record), 'settled')
  return records
}
