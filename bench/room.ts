import { loadavg } from 'node:os'
import { readAll } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import type { Ground } from './ground.ts'
import { type ProgramName, rawCommand } from './programs.ts'
import { type QueryName, queries } from './queries.ts'
import type { Run } from './table.ts'
import { Digest, type Truth, truthOf } from './truth.ts'
import { watch } from './watch.ts'
import { PARTITIONS, recordsOf, worldOf } from './world.ts'

type Outcome = Omit<Run, 'query' | 'program' | 'round'>

/** The events on a broker, through which programs go as fast as they can, in turns. */
export interface Room {
  /** Writes the sources that are not there yet. */
  fill(sources: readonly AnyTopic[]): Promise<void>
  run(query: QueryName, program: ProgramName): Promise<Outcome>
}

const RAW = 'bench.raw.v1'
const FRAME = 5
/** About two seconds of event time in one partition (world.ts): more than events are out of order. */
const JOIN_SLACK = 1_700
const TIMEOUT_MS = 180_000

export function openRoom(ground: Ground, events: number, tell: (line: string) => void): Room {
  const { broker, registry } = ground
  const world = worldOf(events, Date.now())
  const truths = new Map<QueryName, Truth>()
  const written = new Set<string>()

  const rowsOf = async (topic: AnyTopic, result: string, truth: Truth): Promise<Digest> => {
    const found = new Digest()
    for (let partition = 0; partition < PARTITIONS; partition++)
      await readAll(broker, { topic: result, partition }, ({ value }) => {
        if (value) truth.take(found, topic.decode(value.subarray(FRAME)))
      })
    return found
  }

  const raw = async (mode: 'consume' | 'consume-lean' | 'produce', topic: string): Promise<Outcome> => {
    if (mode === 'produce') await ground.create(RAW)
    const load = loadavg()[0] ?? 0
    const told = { mode, brokers: ground.brokers, topic: mode === 'produce' ? RAW : topic, records: world.events }
    const program = ground.launch(rawCommand(told))
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
    const { program, turn, result, load, end } = await ground.start(query, name)
    try {
      const figures = await watch(program, {
        broker,
        sources: turn.sources,
        between: async () => turn.between([...(await broker.admin.topics()).keys()]),
        result,
        slack: query === 'join' ? JOIN_SLACK : 0,
        timeoutMs: TIMEOUT_MS,
      })
      const found = await rowsOf(queries[query].plan.destination, result, truth)
      const wrong = found.equals(truth.digest) ? {} : { void: `${found} where ${truth.digest} was right` }
      return { ...figures, load, ...wrong }
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      return { rate: 0, cpuPerMillion: 0, peakMegabytes: 0, load, void: reason }
    } finally {
      await end()
    }
  }

  return {
    async fill(sources) {
      for (const topic of sources) {
        if (written.has(topic.name)) continue
        written.add(topic.name)
        tell(`writing ${world.events} events to ${topic.name}`)
        await ground.create(topic.name)
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
  }
}
