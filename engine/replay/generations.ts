import type { Broker, KafkaRecord, TopicSpec } from '#engine/broker'
import type { LaneRecord } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { readAll } from '#engine/runtime'
import type { Clock } from '#engine/time'
import type { SourceChoice } from './plan.ts'

/**
 * What was decided about every generation, for ever: the audit of replays, and the only place that says which generation is
 * live. What follows a decision (tables exchanged, lanes moved) can be repeated from its record alone.
 */
export const generationsTopic: TopicSpec = {
  name: 'kappa.generations.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' },
}

/**
 * started → finished → verified | differing → promoted → rolled-back; `refused`: an input was not as it was written;
 * `settled`: everything that follows a promotion or a rollback is done; cancelled: topics and table are gone.
 * `republished`: rows that differ were appended to the live topic, behind a promotion.
 * `holding` and `released`: around the switch of a live generation, while no task of its processor may run (in-force.ts).
 */
export type Decision =
  | 'started'
  | 'finished'
  | 'verified'
  | 'differing'
  | 'refused'
  | 'holding'
  | 'released'
  | 'promoted'
  | 'rolled-back'
  | 'settled'
  | 'republished'
  | 'cancelled'

/** Results of one key: those whose field of the identity has this value, as text. */
export interface ReplayKey {
  readonly field: string
  readonly value: string
}

/** What an operator asked for; event time `[from, to)`, milliseconds. */
export interface ReplayRequest {
  readonly processor: string
  /** The live result topic, and the contract of its table. */
  readonly topic: string
  readonly from: number
  readonly to: number
  readonly source: SourceChoice
  /** Only results of this key are given back: everything is read and computed, for times are those of all events. */
  readonly key?: ReplayKey
  /** Of the processor's plan when the replay was started. */
  readonly version: string
  /** The generation is to take over the processor, not a range of its table alone: `to` is then `FOREVER`. */
  readonly live?: boolean
  /** Part of a chain: the processor it begins with, and the generation of that one. */
  readonly chain?: { readonly head: string; readonly generation: number }
  /** Event time `[from, to)` that results are published for, where those behind it in the chain need more. */
  readonly publishes?: { readonly from: number; readonly to: number }
  /** Topics of generations that are read in place of the live ones, by contract. */
  readonly sources?: Readonly<Record<string, string>>
  /** Event time up to which these are complete; absent where they are not. */
  readonly closesAt?: number
}

/** The end of a range that has none: 1 January 2200. */
export const FOREVER = Date.UTC(2200, 0)

/** Offsets `[start, end)` per partition of every source topic: fixed when a replay starts, so that it resumes the same. */
export type ReplayBounds = Readonly<Record<string, readonly { readonly start: number; readonly end: number }[]>>

/** Next offsets to read, by source topic and partition. */
export type SwitchPositions = Readonly<Record<string, readonly number[]>>

/** What a promotion or a rollback decided about the sink's lanes. */
export interface LaneSwitch {
  /** The lanes as they are held: where the topic is split. */
  readonly held: readonly LaneRecord[]
  /** The generation that the lanes go on as; where they have it already they are let go. */
  readonly to: number
}

export interface GenerationRecord extends ReplayRequest {
  /** Generation of results and their table, `….g2` and `…__v2`. */
  readonly generation: number
  readonly decision: Decision
  /** Wall clock, milliseconds. */
  readonly at: number
  /** With `started`. */
  readonly bounds?: ReplayBounds
  /** With `promoted` and `rolled-back`. */
  readonly lanes?: LaneSwitch
  /** With `promoted`: against a verification that failed, or without one. */
  readonly forced?: boolean
  /** With `promoted`: how many rows differ from those before, as the operator accepted. */
  readonly accepted?: number
  /** With `holding`: tasks behind a re-key still finish what they have. */
  readonly draining?: boolean
  /** With `promoted` of a live generation: the one that it replaces, and that a rollback brings back. */
  readonly replaces?: number
  /** With `promoted` of a live generation: where the one before stopped, and it goes on: offsets by topic and partition. */
  readonly positions?: SwitchPositions
  /** With `finished`, `verified`, `differing`: the figures; with `refused`: why. */
  readonly report?: Readonly<Record<string, unknown>>
}

/** Everything recorded about one generation, in order. */
export interface Generation {
  readonly started: GenerationRecord
  readonly records: readonly GenerationRecord[]
  readonly last: GenerationRecord
}

const WRITER_TRIES = 5

/** The log of decisions. Every decision is made by `decide` alone: nothing can come between what it read and what it wrote. */
export class GenerationLog {
  private readonly broker: Broker
  private readonly app: string
  private readonly clock: Clock

  constructor(options: { readonly broker: Broker; readonly app: string; readonly clock: Clock }) {
    this.broker = options.broker
    this.app = options.app
    this.clock = options.clock
  }

  /** Every record, in the order decided; empty where nothing was ever replayed. */
  async all(): Promise<readonly GenerationRecord[]> {
    const { name } = generationsTopic
    if (!(await this.broker.admin.topics()).has(name)) return []
    const records: GenerationRecord[] = []
    const take = ({ value, offset }: KafkaRecord): void => {
      if (value !== null) records.push(parse(value, offset))
    }
    await readAll(this.broker, { topic: name, partition: 0 }, take, 'settled')
    return records
  }

  /**
   * Reads everything decided so far and records what `decision` makes of it, as one: a decision that another process
   * writes meanwhile makes this one read and decide again.
   */
  async decide(
    decision: (all: readonly GenerationRecord[], now: number) => GenerationRecord,
  ): Promise<GenerationRecord> {
    const [record] = await this.decideTogether((all, now) => [decision(all, now)])
    if (record === undefined) throw new KappaError('STATE_MISMATCH', 'deciding about a generation: nothing was decided')
    return record
  }

  /** Several decisions as one: a reader of the log sees all of them, or none. */
  async decideTogether(
    decision: (all: readonly GenerationRecord[], now: number) => readonly GenerationRecord[],
  ): Promise<readonly GenerationRecord[]> {
    await this.broker.admin.ensure([generationsTopic])
    for (let tries = 1; ; tries++) {
      try {
        return await this.decideOnce(decision)
      } catch (thrown) {
        const passes = thrown instanceof KappaError && (thrown.code === 'FENCED' || thrown.code === 'ABORTED')
        if (!passes || tries >= WRITER_TRIES) throw thrown
        await this.clock.sleep(100 * tries)
      }
    }
  }

  private async decideOnce(
    decision: (all: readonly GenerationRecord[], now: number) => readonly GenerationRecord[],
  ): Promise<readonly GenerationRecord[]> {
    const producer = await this.broker.transactional(`${this.app}-generations`)
    try {
      const records = decision(await this.all(), this.clock.now())
      await producer.begin()
      for (const record of records)
        await producer.send({
          topic: generationsTopic.name,
          partition: 0,
          key: Buffer.from(`${record.processor}|${record.generation}`),
          value: Buffer.from(JSON.stringify(record)),
        })
      await producer.commit()
      return records
    } finally {
      await producer.close()
    }
  }
}

function parse(value: Buffer, offset: number): GenerationRecord {
  const doing = `reading ${generationsTopic.name}[0]@${offset}`
  try {
    const record = JSON.parse(value.toString()) as GenerationRecord
    if (typeof record.generation === 'number' && typeof record.decision === 'string') return record
  } catch (cause) {
    throw new KappaError('STATE_MISMATCH', doing, { cause })
  }
  throw new KappaError('STATE_MISMATCH', `${doing}: not a decision about a generation`)
}

/** The generations of a processor, oldest first. */
export function generationsOf(records: readonly GenerationRecord[], processor: string): readonly Generation[] {
  const byNumber = new Map<number, GenerationRecord[]>()
  for (const record of records) {
    if (record.processor !== processor) continue
    const own = byNumber.get(record.generation)
    if (own === undefined) byNumber.set(record.generation, [record])
    else own.push(record)
  }
  return [...byNumber.values()].flatMap((own) => {
    const [started] = own
    const last = own.at(-1)
    return started === undefined || last === undefined ? [] : [{ started, records: own, last }]
  })
}

/**
 * The next number that no generation of the processor or of its result's table (a rebuilt one has a number too) has, and no
 * lane was moved to. The live one begins as 1.
 */
export function nextGeneration(records: readonly GenerationRecord[], processor: string, topic?: string): number {
  const used = records
    .filter((record) => record.processor === processor || record.topic === topic)
    .map(({ generation, lanes }) => Math.max(generation, lanes?.to ?? 0))
  return Math.max(1, ...used) + 1
}

/** The last record of this decision, if there is one. */
export const lastOf = ({ records }: Generation, ...decisions: readonly Decision[]): GenerationRecord | undefined =>
  records.findLast(({ decision }) => decisions.includes(decision))

export type Phase = 'unfinished' | 'finished' | 'promoting' | 'promoted' | 'rolling-back' | 'rolled-back' | 'cancelled'

/** Where a generation stands. Only an unfinished one runs; `promoting` and `rolling-back` are decided and not settled. */
export function phaseOf(generation: Generation): Phase {
  const { last, records } = generation
  if (last.decision === 'cancelled') return 'cancelled'
  const switched = lastOf(generation, 'promoted', 'rolled-back')
  if (switched !== undefined) {
    const settled = records.slice(records.indexOf(switched)).some(({ decision }) => decision === 'settled')
    if (switched.decision === 'promoted') return settled ? 'promoted' : 'promoting'
    return settled ? 'rolled-back' : 'rolling-back'
  }
  return lastOf(generation, 'finished') === undefined ? 'unfinished' : 'finished'
}
