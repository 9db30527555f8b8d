import type { KafkaRecord, Position, TransactionalProducer } from '#engine/broker'
import type { Advance, Stage } from '#engine/compile'
import { KappaError } from '#engine/errors'
import type { Known } from '../changelog/changelog.ts'
import { names } from '../deployment.ts'
import { commit } from './commit.ts'
import type { InputBuffer } from './input-buffer.ts'
import { Ledger } from './ledger.ts'
import { outgoing } from './outgoing.ts'
import { RecordedCursor } from './recorded-cursor.ts'
import { Pace } from './skew.ts'
import { Slicing } from './slicing.ts'
import { groupPositions, type TakenOver, takeOver, taskName } from './take-over.ts'
import type { TaskOptions } from './task-options.ts'
import { type Recorded, timeRecord } from './time-records.ts'
import { Trimming } from './trimming.ts'
import { Watch } from './watch.ts'

/** Moving past markers alone is worth a commit after so long, lest retention delete what lies between. */
const SETTLE_MS = 10_000

/**
 * One stage of a processor on one partition number, owned by this process. Its owner calls `offer` as records come, `work`
 * until it says that there is nothing to do, and `commit` when it is due. After any error a task is closed and, where that
 * can help, taken over anew.
 */
export class Task {
  readonly name: string
  readonly inputs: readonly InputBuffer[]
  readonly #options: TaskOptions
  readonly #stage: Stage
  readonly #producer: TransactionalProducer
  readonly #ledger: Ledger
  readonly #cursor: RecordedCursor
  readonly #watch: Watch
  readonly #slicing: Slicing
  readonly #pace: Pace
  /** Absent in a bounded run, whose generation goes as a whole. */
  readonly #trimming: Trimming | undefined
  /** Slices and advances since the last commit, for `.time`. */
  #decided: Recorded[] = []
  #dirtySince: number | undefined
  #committedAt: number
  /** Positions as of the last commit; undefined before the first. */
  #committed: readonly Position[] | undefined
  #takenAt: number
  #lastCommitMs = 0
  /** A stage that was known has counted before. */
  readonly #counted: Stage['counts']

  private constructor(options: TaskOptions, taken: TakenOver) {
    const { progress, inputs, stage, producer } = taken
    this.name = taskName(options)
    this.inputs = inputs
    this.#options = options
    this.#stage = stage
    this.#producer = producer
    this.#ledger = new Ledger(options, taken)
    this.#cursor = new RecordedCursor(options.recorded, inputs, progress?.recorded)
    this.#watch = new Watch(options, stage, inputs, progress)
    this.#slicing = new Slicing({ stage, inputs, cursor: this.#cursor, watch: this.#watch, settings: options.settings })
    this.#pace = new Pace(options.skew, options.partition, stage)
    this.#trimming = options.bounds
      ? undefined
      : new Trimming(options.broker, options.spec, options.partition, options.settings.repartitionRecords)
    this.#counted = { ...stage.counts }
    this.#committedAt = options.clock.now()
    this.#takenAt = this.#committedAt
    this.#committed = progress?.inputs.map(({ topic, position, partition = options.partition }) => ({
      topic,
      partition,
      offset: position,
    }))
  }

  static async takeOver(options: TaskOptions): Promise<Task> {
    let task: Task | undefined
    try {
      await takeOver(options, (taken) => {
        task = new Task(options, taken)
        options.onReady?.(task)
      })
      if (!task) throw new KappaError('STATE_MISMATCH', `taking over ${taskName(options)}: nothing was taken`)
      task.#ledger.keep()
      return task
    } catch (thrown) {
      await task?.close().catch(() => {})
      throw thrown
    }
  }

  get stage(): Stage {
    return this.#stage
  }

  /** Of this task alone. */
  get counts(): Stage['counts'] {
    const { taken, late, deadLettered, duplicates = 0 } = this.#stage.counts
    const before = this.#counted
    return {
      taken: taken - before.taken,
      late: late - before.late,
      deadLettered: deadLettered - before.deadLettered,
      duplicates: duplicates - (before.duplicates ?? 0),
    }
  }

  /**
   * The state as of the last commit, for whoever takes the task over from this process; undefined where it holds more than
   * that, or where it is not known whether the last commit succeeded. The task must not go on once it was handed out.
   */
  get memory(): Known<Stage> | undefined {
    return this.dirty ? undefined : this.#ledger.known
  }

  /** Topics of the inputs that this task waits for. */
  get waitingFor(): readonly string[] {
    return this.#slicing.waitingFor
  }

  get lastCommitMs(): number {
    return this.#lastCommitMs
  }

  get changelogBytes(): number {
    return this.#ledger.bytes
  }

  get commits(): number {
    return this.#ledger.commits
  }

  /** A bounded run has taken everything up to its ends and applied what was recorded. */
  get finished(): boolean {
    return this.inputs.every((input) => input.ended) && !this.#cursor.dueAt(this.inputs)
  }

  /** True when something was taken or advanced that is not committed. */
  get dirty(): boolean {
    return this.#dirtySince !== undefined
  }

  /** Positions as of the last commit, of the partitions that the group deals out; undefined before the first. */
  get committed(): readonly Position[] | undefined {
    const { spec } = this.#options
    return this.#committed?.filter((_, index) => spec.inputs[index]?.role !== 'broadcast')
  }

  /** The last commit says where the task stands. */
  get settled(): boolean {
    return this.#committed !== undefined && !this.dirty && !this.#moved()
  }

  /** How many records in a row have thrown, while it is open what becomes of them: until then nothing is committed. */
  get throwing(): number {
    return this.#stage.throwing ?? 0
  }

  /** Wall time at which a commit is due, if one is. */
  get commitDueAt(): number | undefined {
    if (this.throwing > 0) return undefined
    if (this.#dirtySince !== undefined) return this.#dirtySince + this.#options.settings.commitIntervalMs
    return this.#moved() ? this.#committedAt + SETTLE_MS : undefined
  }

  /** Records of an input, by its index, in offset order, and where its reader stands now. */
  offer(index: number, records: readonly KafkaRecord[], position: number | undefined): void {
    const input = this.inputs[index]
    if (!input) return
    if (records.length > 0) {
      input.offer(records)
      this.#watch.news(index)
      this.#slicing.stir()
    }
    if (position === undefined || position <= input.fetched) return
    input.fetchedTo(position)
    this.#slicing.stir()
  }

  /**
   * How much more of an input this task can use: a full one is no longer fetched, until it is hungry again. A recorded slice
   * may be larger than the buffer's limit, and must come whole.
   */
  appetite(index: number): 'full' | 'some' | 'hungry' {
    const { length, fetched } = this.inputs[index] ?? { length: 0, fetched: 0 }
    const { bufferLimit } = this.#options.settings
    if (length < bufferLimit / 2 || fetched < this.#cursor.needed(this.inputs, index)) return 'hungry'
    return length >= bufferLimit ? 'full' : 'some'
  }

  /** Held, because the stream time is more than `maxSkewMs` ahead of the slowest source. */
  get ahead(): boolean {
    return this.#pace.ahead
  }

  /** Takes one slice or makes one advance. False where there is nothing to do until records come, time or others pass. */
  async work(): Promise<boolean> {
    if (await this.#pace.held()) return false
    const recorded = this.#cursor.next(this.inputs)
    if (recorded === 'wait') return false
    if (recorded?.kind === 'advance') return this.#advance(recorded)
    const counts = recorded?.counts ?? (await this.#slicing.cut())
    if (counts) return await this.#take(counts, recorded?.counts !== undefined)
    return await this.#look()
  }

  /** Not while `throwing`: what was taken since the last commit may have to be taken again. */
  async commit(): Promise<void> {
    const { deployment, spec, partition, partitions, clock, atStep } = this.#options
    if (this.throwing > 0) throw new KappaError('STATE_MISMATCH', `committing ${this.name} within a row of throws`)
    const started = clock.now()
    await this.#ledger.prepare()
    const inputs = this.inputs.map((input, index) => {
      const own = spec.inputs[index]?.partition
      return { ...input.progress(this.#watch.advanceOf(index)), ...(own === undefined ? {} : { partition: own }) }
    })
    const positions = inputs.map((input) => ({
      topic: input.topic,
      partition: input.partition ?? partition,
      offset: input.position,
    }))
    const time = names.time(deployment)
    const self = this
    const [imports, recorded] = [this.#watch.applied, this.#cursor.applied]
    const { streamTime } = this.#stage
    const said = { partitions, inputs, imports, recorded, ...(Number.isFinite(streamTime) ? { streamTime } : {}) }
    await commit({
      task: this.name,
      producer: this.#producer,
      positions: groupPositions(this.#options, inputs),
      atStep,
      report: this.#options.report,
      *results() {
        for (const output of self.#stage.drain()) yield outgoing(deployment, spec.next, partition, output)
        for (const decided of self.#decided) yield timeRecord(time, partition, spec.name, decided)
      },
      changes: () => this.#ledger.changes(said),
    })
    await this.#ledger.committed()
    await this.#trimming?.committed(inputs)
    this.#decided = []
    this.#dirtySince = undefined
    this.#committedAt = clock.now()
    this.#committed = positions
    this.#lastCommitMs = this.#committedAt - started
  }

  /** Nothing came for long: a row of throws is over. Recorded, so that a replay does the same. */
  endThrows(): void {
    const [input] = this.inputs
    if (this.throwing === 0 || !input) return
    const time = Math.max(0, this.#stage.streamTime)
    this.#advance({ input: 0, afterOffset: input.position, time, reason: 'row' }, false)
  }

  /** Gives up the task; what was not committed is lost on purpose. */
  async close(): Promise<void> {
    this.#stage.disk?.close()
    await this.#producer.close()
  }

  #moved(): boolean {
    const committed = this.#committed
    return committed !== undefined && this.inputs.some((input, index) => input.position !== committed[index]?.offset)
  }

  #touch(): void {
    this.#dirtySince ??= this.#options.clock.now()
  }

  async #take(counts: readonly number[], recorded: boolean): Promise<boolean> {
    const slice = this.inputs.map((input, index) => input.peek(counts[index] ?? 0))
    await this.#stage.prepare(slice)
    this.#touch()
    this.#takenAt = this.#options.clock.now()
    for (const [index, records] of slice.entries())
      if (this.#options.spec.inputs[index]?.role !== 'broadcast') this.#options.onTake?.(records)
    this.#stage.accept(slice)
    for (const [index, input] of this.inputs.entries()) input.take(counts[index] ?? 0)
    this.#slicing.stir()
    if (recorded) this.#cursor.apply()
    if (this.inputs.length > 1) this.#decided.push({ kind: 'slice', ends: this.inputs.map((input) => input.position) })
    return true
  }

  #advance(advance: Advance, recorded = true): true {
    const { input, afterOffset, time, reason } = advance
    const { spec } = this.#options
    this.#touch()
    this.#stage.advance({ input, afterOffset, time, reason })
    // Offsets of a repartition topic mean nothing to another generation.
    if (reason !== 'row' || spec.inputs[input]?.role !== 'repartition')
      this.#decided.push({ kind: 'advance', input, afterOffset, time, reason })
    if (reason !== 'row') this.#watch.advanced(input, time, afterOffset)
    if (recorded) this.#cursor.apply()
    return true
  }

  /** An input that passed, or time that moves on by itself: not within a row of throws, which it would end. */
  async #look(): Promise<boolean> {
    if (this.throwing > 0) return this.#lookAtRow()
    const look = await this.#watch.look()
    const opened = look?.opened === true && this.inputs.length > 1 && this.inputs.some((input) => input.length > 0)
    if (opened) this.#slicing.stir()
    return look?.due ? this.#advance(look.due.advance, false) : opened
  }

  #lookAtRow(): boolean {
    const { bounds, clock, settings } = this.#options
    const over = !bounds && clock.now() - this.#takenAt >= settings.throwsPatienceMs
    if (over) this.endThrows()
    return over
  }
}
