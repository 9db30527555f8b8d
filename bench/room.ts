import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaBroker } from '#engine/broker'
import { readAll } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import { Measured } from './process.ts'
import { selfTimes } from './profile.ts'
import { kappaTurn, type ProgramName, peerTurn, rawCommand, type Turn, type TurnOf } from './programs.ts'
import { type QueryName, queries } from './queries.ts'
import type { Run } from './table.ts'
import { benchRegistry } from './topics.ts'
import { Digest, type Truth, truthOf } from './truth.ts'
import { watch } from './watch.ts'
import { PARTITIONS, recordsOf, worldOf } from './world.ts'

export interface RoomOptions {
  readonly events: number
  readonly commitMs: number
  /** The program on core 0, broker and runner on core 1; else everything everywhere. */
  readonly pinned: boolean
  /** Kappa's programs tell where their time went. */
  readonly profile: boolean
}

type Outcome = Omit<Run, 'query' | 'program' | 'round'>

/** A broker of its own with the events on it, in which programs have their turns. */
export interface Room {
  /** Writes the sources that are not there yet. */
  fill(sources: readonly AnyTopic[]): Promise<void>
  run(query: QueryName, program: ProgramName): Promise<Outcome>
  /** Ends the program under way and the broker, and removes their data. May be called again. */
  close(): Promise<void>
}

const PROGRAM_CORE = 0
const OTHER_CORE = 1
const RAW = 'bench.raw.v1'
const FRAME = 5
/** About two seconds of event time in one partition (world.ts): more than events are out of order. */
const JOIN_SLACK = 1_700
const TIMEOUT_MS = 180_000

export async function openRoom(options: RoomOptions, tell: (line: string) => void): Promise<Room> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-bench-'))
  const stack = await startStack({
    dataFolder: folder,
    cacheFolder: cacheFolder(),
    ports: 'free',
    services: ['kafka'],
  })
  const { brokers } = stack.addresses.kafka
  const broker = kafkaBroker({ brokers })
  const registry = await benchRegistry()
  const world = worldOf(options.events, Date.now())
  const truths = new Map<QueryName, Truth>()
  const written = new Set<string>()
  let turns = 0
  let running: Measured | undefined
  let closing: Promise<void> | undefined
  if (options.pinned)
    for (const pid of [stack.pid('kafka'), process.pid])
      execFileSync('taskset', ['-a', '-p', '-c', String(OTHER_CORE), String(pid)], { stdio: 'ignore' })
  const pin = options.pinned ? { pin: PROGRAM_CORE } : {}

  const create = (name: string) =>
    broker.admin.ensure([{ name, partitions: PARTITIONS, settings: { 'retention.ms': '-1' } }])

  const rowsOf = async (topic: AnyTopic, result: string, truth: Truth): Promise<Digest> => {
    const found = new Digest()
    for (let partition = 0; partition < PARTITIONS; partition++)
      await readAll(broker, { topic: result, partition }, ({ value }) => {
        if (value) truth.take(found, topic.decode(value.subarray(FRAME)))
      })
    return found
  }

  const raw = async (mode: 'consume' | 'consume-lean' | 'produce', topic: string): Promise<Outcome> => {
    if (mode === 'produce') await create(RAW)
    const load = loadavg()[0] ?? 0
    const told = { mode, brokers: brokers.join(), topic: mode === 'produce' ? RAW : topic, records: world.events }
    const { command, args, env = {} } = rawCommand(told)
    const program = new Measured(command, args, { ...pin, env })
    running = program
    await program.finished()
    const line = program.output.split('\n').find((one) => one.startsWith('{'))
    if (line === undefined) throw new Error(`${mode}: ${program.output}`)
    const { seconds, cpuSeconds, peakMegabytes } = JSON.parse(line) as Record<string, number>
    if (mode === 'produce') await broker.admin.remove([RAW])
    const rate = world.events / (seconds ?? Number.NaN)
    return { rate, cpuPerMillion: ((cpuSeconds ?? 0) * 1e6) / world.events, peakMegabytes: peakMegabytes ?? 0, load }
  }

  const engine = async (query: QueryName, name: ProgramName): Promise<Outcome> => {
    const truth = truths.get(query) ?? truthOf(query, world)
    truths.set(query, truth)
    const before = new Set((await broker.admin.topics()).keys())
    const { destination } = queries[query].plan
    turns++
    const app = `bench-${query}-${turns}`
    const turn: TurnOf = {
      query,
      brokers: brokers.join(),
      result: `${app}-result`,
      resultSchemaId: await registry.idOf(destination),
      app,
      generation: turns,
      commitMs: options.commitMs,
      threads: options.pinned ? 1 : 2,
      data: join(folder, app),
    }
    await create(turn.result)
    const { command, args, env = {}, sources, between } = turnOf(name, turn)
    const load = loadavg()[0] ?? 0
    const profiled = options.profile && command === process.execPath
    const profiling = profiled ? ['--cpu-prof', '--cpu-prof-dir', turn.data] : []
    const program = new Measured(command, [...profiling, ...args], { ...pin, env })
    running = program
    try {
      const figures = await watch(program, {
        broker,
        sources,
        between: async () => between([...(await broker.admin.topics()).keys()]),
        result: turn.result,
        slack: query === 'join' ? JOIN_SLACK : 0,
        timeoutMs: TIMEOUT_MS,
      })
      const found = await rowsOf(destination, turn.result, truth)
      const wrong = found.equals(truth.digest) ? {} : { void: `${found} where ${truth.digest} was right` }
      return { ...figures, load, ...wrong }
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      return { rate: 0, cpuPerMillion: 0, peakMegabytes: 0, load, void: reason }
    } finally {
      await program.stop()
      if (profiled) tell(selfTimes(turn.data))
      const made = [...(await broker.admin.topics()).keys()].filter((topic) => !before.has(topic))
      await broker.admin.remove(made.filter((topic) => !topic.startsWith('__')))
    }
  }

  return {
    async fill(sources) {
      for (const topic of sources) {
        if (written.has(topic.name)) continue
        written.add(topic.name)
        tell(`writing ${world.events} events to ${topic.name}`)
        await create(topic.name)
        const producer = await broker.producer()
        for (const record of recordsOf(world, topic.name, await registry.idOf(topic))) {
          const full = producer.send({ topic: topic.name, ...record })
          if (full) await full
        }
        await producer.flush()
        await producer.close()
      }
    },
    run(query, program) {
      const [source] = queries[query].sources
      if (program === 'raw-consume') return raw('consume', source?.name ?? '')
      if (program === 'raw-consume-lean') return raw('consume-lean', source?.name ?? '')
      if (program === 'raw-produce') return raw('produce', RAW)
      return engine(query, program)
    },
    close() {
      closing ??= (async () => {
        await running?.stop()
        await broker.close()
        await stack.stop()
        rmSync(folder, { recursive: true, force: true })
      })()
      return closing
    },
  }
}

function turnOf(name: ProgramName, turn: TurnOf): Turn {
  switch (name) {
    case 'flink':
    case 'kafka-streams':
      return peerTurn(name, turn)
    default:
      return kappaTurn(turn, name === 'kappa-lean' ? 'lean' : 'librdkafka')
  }
}
