import type { Broker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Watched } from './process.ts'

/** A consumer group's way through a topic. */
export interface Way {
  readonly group: string
  readonly topic: string
}

export interface Watching {
  readonly broker: Broker
  /** Groups on source topics. */
  readonly sources: readonly Way[]
  /** Groups on topics between the stages of a program; asked each time, for a program may make them as it starts. */
  readonly between: () => Promise<readonly Way[]>
  readonly result: string
  /** Records that may be left at the end of a source partition: a join waits for the other side's next event. */
  readonly slack: number
  readonly timeoutMs: number
}

/** Memory over time: seconds since the first record, and megabytes then. */
export type Memory = readonly (readonly [seconds: number, megabytes: number])[]

/** One engine's run over the whole of the data. */
export interface Figures {
  /** From the first record taken to all input taken and committed. */
  readonly seconds: number
  /** Events a second over the second half of the input: the compilers have done their work by then. */
  readonly laterRate?: number
  readonly rate: number
  /** From the first record to the last result seen. */
  readonly cpuPerMillion: number
  /** Of the second half, to its last commit; like its rate, where that was more than one commit. */
  readonly laterCpuPerMillion?: number
  readonly peakMegabytes: number
  readonly memory: Memory
}

interface Sample {
  readonly at: number
  readonly cpu: number
  readonly megabytes: number
  readonly taken: number
  readonly done: boolean
  readonly resultEnd: number
}

const SAMPLE_MS = 50
/** Points that are kept of a run's memory. */
const MEMORY_POINTS = 60
/** Results are complete when so long nothing was added to them: longer than two commits. */
const QUIET_MS = 3_000
/** Positions of groups may stop before the marker of the last transaction. */
const MARKERS = 2
const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + Math.max(0, n), 0)

/**
 * Follows a program until it has taken and committed all input, and its results have come to rest; figures from committed
 * positions, /proc, and the ends of the result topic: the same for every engine, none of them asked.
 */
export async function watch(program: Watched, watching: Watching): Promise<Figures> {
  const { broker, sources, result } = watching
  const { admin } = broker
  const ends = await Promise.all(sources.map(({ topic }) => admin.committedEnds(topic)))
  const events = ends.reduce((sum, own) => sum + total(own), 0)
  const samples: Sample[] = []
  const began = performance.now()
  let resultChanged = performance.now()
  for (;;) {
    if (program.ended !== undefined) throw new Error(`it ended (${program.ended}): ${program.complaint}`)
    if (performance.now() - began > watching.timeoutMs)
      throw new Error(`it was not done after ${watching.timeoutMs} ms: ${program.complaint}`)
    const at = Date.now()
    const cpu = program.cpuSeconds()
    const megabytes = program.megabytes()
    const positions = await Promise.all(sources.map((way) => positionsOf(broker, way)))
    const resultEnd = total(await admin.committedEnds(result))
    const atEnd = positions.every((own, s) => (ends[s] ?? []).every((end, p) => (own[p] ?? -1) >= end - watching.slack))
    const done = atEnd && (await passed(broker, await watching.between()))
    const last = samples.at(-1)
    if (last?.resultEnd !== resultEnd || !done) resultChanged = performance.now()
    samples.push({ at, cpu, megabytes, taken: positions.reduce((sum, own) => sum + total(own), 0), done, resultEnd })
    if (done && performance.now() - resultChanged > QUIET_MS) break
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
  }
  return figuresOf(samples, events, program)
}

/** None where the broker cannot say just now: a new group's coordinator takes a moment. */
async function positionsOf({ admin }: Broker, { group, topic }: Way): Promise<readonly number[]> {
  try {
    return await admin.groupPositions(group, topic)
  } catch (thrown) {
    if (thrown instanceof KappaError && (thrown.retriable || thrown.code === 'BROKER')) return []
    throw thrown
  }
}

async function passed(broker: Broker, between: readonly Way[]): Promise<boolean> {
  const each = await Promise.all(
    between.map(async (way) => {
      const [ends, positions] = await Promise.all([broker.admin.committedEnds(way.topic), positionsOf(broker, way)])
      return ends.every((end, p) => end === 0 || (positions[p] ?? -1) >= end - MARKERS)
    }),
  )
  return each.every(Boolean)
}

function figuresOf(samples: readonly Sample[], events: number, program: Watched): Figures {
  const { first } = program
  if (first === undefined) throw new Error('it never said that it took a record')
  const beginning = samples.findLast(({ at }) => at <= first) ?? samples[0]
  const end = samples.find(({ done }) => done)
  const half = samples.find(({ taken }) => taken >= events / 2)
  const lastResultEnd = samples.at(-1)?.resultEnd
  const results = samples.find(({ done, resultEnd }) => done && resultEnd === lastResultEnd)
  if (!beginning || !end || !half || !results) throw new Error('too few samples')
  const seconds = (end.at - first) / 1_000
  return {
    seconds,
    rate: events / seconds,
    ...laterHalf(half, end, events),
    cpuPerMillion: ((results.cpu - beginning.cpu) * 1e6) / events,
    peakMegabytes: program.peakMegabytes(),
    memory: memoryOf(samples, first),
  }
}

function laterHalf(half: Sample, end: Sample, events: number): Pick<Figures, 'laterRate' | 'laterCpuPerMillion'> {
  const left = events - half.taken
  if (left <= 0 || end.at <= half.at) return {}
  return { laterRate: (left / (end.at - half.at)) * 1_000, laterCpuPerMillion: ((end.cpu - half.cpu) * 1e6) / left }
}

export function memoryOf(
  samples: readonly { readonly at: number; readonly megabytes: number }[],
  first: number,
): Memory {
  const own = samples.filter(({ at }) => at >= first)
  const every = Math.max(1, Math.ceil(own.length / MEMORY_POINTS))
  return own
    .filter((_, n) => n % every === 0)
    .map(({ at, megabytes }) => [Math.round(at - first) / 1_000, Math.round(megabytes)] as const)
}
