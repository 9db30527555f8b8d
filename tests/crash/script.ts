import type { OutgoingRecord } from '#engine/broker'
import type { TaskSettings } from '#engine/runtime'
import type { CommitFault } from '#engine/testing'
import type { Random } from './random.ts'
import type { Built, Source, Topology } from './topologies/index.ts'

/** What is done to the workers or the broker. Workers are named by a number, taken modulo those that live. */
export type Blow =
  | { readonly kind: 'kill' | 'remove'; readonly worker: number }
  | { readonly kind: 'add' }
  | { readonly kind: 'stop'; readonly worker: number; readonly forMs: number }
  /** The process dies, or is stopped, when it comes to this step the `nth` time. */
  | {
      readonly kind: 'strike'
      readonly worker: number
      readonly what: 'commit' | 'take-over'
      readonly step: number
      readonly nth: number
      /** Undefined: it dies. */
      readonly stopForMs: number | undefined
    }
  /** The broker is away. */
  | { readonly kind: 'outage'; readonly forMs: number }
  /** Acknowledgements take up to `mostMs`. */
  | { readonly kind: 'slow'; readonly forMs: number; readonly mostMs: number }
  /** Commits end so, of any task. */
  | { readonly kind: 'commits end'; readonly how: readonly CommitFault[] }
  /** The broker aborts what is open, as when its time is up. */
  | { readonly kind: 'expire' }

/** A piece of the run: events, then what is done, then so long until the next. */
export interface Scene {
  readonly records: readonly OutgoingRecord[]
  readonly blows: readonly Blow[]
  readonly waitMs: number
}

/** A whole run, made from its seed alone. */
export interface Script {
  readonly seed: number
  readonly partitions: number
  readonly workers: number
  readonly events: number
  readonly scenes: readonly Scene[]
  readonly settings: Partial<TaskSettings>
  /** State whose author wants it on disk is kept there: workers have folders. */
  readonly disk: boolean
  /** Worker processes keep their names, and with them their tasks, when they are started again (on a real broker). */
  readonly isStatic: boolean
}

/** 2026-01-01T00:00:00Z */
export const BEGINNING = 1_767_225_600_000
/** A last event so much later closes what is open. */
const END_MS = 36_000_000

/** When an event happens that is written so many milliseconds after the beginning. */
const eventTime = ({ times = { from: BEGINNING, seconds: 1 } }: Topology, after: number): number =>
  times.from + after * times.seconds

/** Whatever happens later than this belongs to the events that end a run. */
export const endOf = (topology: Topology): number => eventTime(topology, END_MS / 2)

export function scriptOf(seed: number, built: Built, random: Random, most = 500): Script {
  const partitions = random.between(2, 4)
  const events = random.between(80, most)
  const count = random.between(4, 14)
  const writer = new Writer(built, partitions, random.fork())
  const blows = random.fork()
  const scenes = Array.from({ length: count }, (_, scene): Scene => {
    const until = Math.round((events * (scene + 1)) / count)
    const records = writer.upTo(until)
    const hits = Array.from({ length: blows.pick([0, 1, 1, 2]) }, () => blowOf(blows))
    return { records, blows: hits, waitMs: blows.pick([0, 30, 200, 700, 2_500, 6_000]) }
  })
  return {
    seed,
    partitions,
    workers: random.between(1, 3),
    events,
    scenes: [...scenes, { records: writer.last(), blows: [], waitMs: 0 }],
    settings: settingsOf(random),
    disk: random.chance(0.8),
    isStatic: random.chance(0.3),
  }
}

const settingsOf = (random: Random): Partial<TaskSettings> => ({
  commitIntervalMs: random.pick([10, 50, 200]),
  sliceLimit: random.pick([1, 9, 100, 5_000]),
  bufferLimit: random.pick([2, 40, 20_000]),
  maxRecordBytes: random.pick([64, 2_000, 900_000]),
  snapshotBytes: random.pick([200, 5_000, 4_000_000]),
  snapshotCommits: random.pick([3, 20, 5_000]),
  repartitionRecords: random.pick([1, 30, 100_000]),
  lookIntervalMs: 100,
  transactionTimeoutMs: random.pick([3_000, 10_000]),
  standbys: random.pick([0, 0, 1, 2]),
  // Nothing is left behind in memory, next to nothing, everything.
  standbyEntries: random.pick([0, 20, 2_000_000, 2_000_000]),
})

const FAULTS: readonly CommitFault[] = ['aborted', 'unknown', 'unreachable', 'straggling']

function blowOf(random: Random): Blow {
  const worker = random.between(0, 99)
  // Shorter and longer than a session and a transaction: the one is told nothing, the other lost everything.
  const forMs = random.pick([300, 1_500, 4_000, 12_000])
  const kind = random.pick([
    ...(['kill', 'kill', 'strike', 'strike', 'strike', 'strike', 'stop', 'stop'] as const),
    ...(['add', 'remove', 'outage', 'slow', 'commits end', 'commits end', 'expire'] as const),
  ])
  switch (kind) {
    case 'kill':
    case 'remove':
      return { kind, worker }
    case 'stop':
      return { kind, worker, forMs }
    case 'strike':
      return {
        kind,
        worker,
        what: random.chance(0.7) ? 'commit' : 'take-over',
        step: random.between(1, 5),
        nth: random.between(1, 5),
        stopForMs: random.chance(0.4) ? forMs : undefined,
      }
    case 'outage':
      return { kind, forMs }
    case 'slow':
      return { kind, forMs: random.between(1_000, 8_000), mostMs: random.pick([50, 800, 6_000]) }
    case 'commits end':
      return { kind, how: Array.from({ length: random.between(1, 3) }, () => random.pick(FAULTS)) }
    default:
      return { kind }
  }
}

/** Makes the events: mostly in order, some late, broken, twice, on the wrong partition, or from the future. */
class Writer {
  readonly #built: Built
  readonly #partitions: number
  readonly #random: Random
  readonly #owners: readonly string[]
  readonly #sources: readonly Source[]
  #written = 0
  /** After the beginning. */
  #now = 0

  constructor(built: Built, partitions: number, random: Random) {
    this.#built = built
    this.#partitions = partitions
    this.#random = random
    this.#owners = Array.from({ length: random.between(2, 12) }, (_, n) => `user-${n}`)
    this.#sources = built.sources.flatMap((source) => new Array<Source>(source.share).fill(source))
  }

  upTo(count: number): OutgoingRecord[] {
    const records: OutgoingRecord[] = []
    while (this.#written < count) records.push(...this.#one(this.#written++))
    return records
  }

  /** One event at the end of time on every partition of every source. */
  last(): OutgoingRecord[] {
    return this.#built.sources.flatMap((source) =>
      Array.from({ length: this.#partitions }, (_, partition) => {
        const number = this.#written++
        return { ...this.#framed(source, `last-${partition}`, this.#now + END_MS, number), partition }
      }),
    )
  }

  #one(n: number): OutgoingRecord[] {
    const random = this.#random
    const source = random.pick(this.#sources)
    this.#now += random.pick([0, 0, 200, 400, 1_000, 3_000])
    if (random.chance(0.01)) this.#now += 150_000
    const owner = random.chance(0.3) ? (this.#owners[0] as string) : random.pick(this.#owners)
    const behind = random.pick([0, 0, 0, 500, 3_000, 9_000, random.chance(0.2) ? 200_000 : 0])
    const record = this.#framed(source, owner, this.#now - behind, n)
    if (source.deletes && random.chance(0.15)) return [{ ...record, value: null }]
    const fate = random.fraction()
    if (fate < 0.02) return [{ ...record, value: Buffer.from('broken') }]
    if (fate < 0.03) return [{ ...record, value: (record.value as Buffer).subarray(0, 7) }]
    if (fate < 0.07) return [record, record]
    if (fate < 0.08 && this.#built.topology.strays)
      return [{ ...record, partition: random.between(0, this.#partitions - 1) }]
    return [record]
  }

  #framed({ topic, make }: Source, owner: string, after: number, n: number): OutgoingRecord {
    const value = make(this.#random, n, owner, eventTime(this.#built.topology, after))
    const id = this.#built.schemaIds.get(topic.name) ?? 0
    return { topic: topic.name, key: Buffer.from(topic.keyOf(value)), value: topic.frame(id, value) }
  }
}
