import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { Blocks } from '#engine/state'
import type { DeduplicateStep, JoinStep, Plan, Row } from '#engine/topology'
import { type At, nowhere, sourceOf } from './at.ts'
import type { Advance, DiskState, OutputRecord, Stage, TaskContext } from './contract.ts'
import { type Deduplication, Deduplications } from './deduplication.ts'
import { diskStateOf } from './disk-state.ts'
import { Header } from './header.ts'
import type { TopicInput } from './input.ts'
import type { Host, Operator } from './operator.ts'
import { deadLetter, type Lateness, lateRecord } from './outputs.ts'
import type { Probe } from './probe.ts'
import { NotPrepared, Secrets } from './secrets.ts'
import { SourceInputs, tableInputsOf } from './source-inputs.ts'
import type { Surroundings } from './steps.ts'
import { type StreamInput, streamInputOf } from './stream-input.ts'
import { TableInput } from './tables.ts'
import { Throws, TRIES } from './throws.ts'

/**
 * The first stage of a processor on one partition: topics in; rows, or partial aggregates for the next stage, out. One
 * event goes through decode, rules, time, steps and operator in one synchronous pass; whatever it says aside (late, dead
 * letter) keeps its original bytes.
 */
export class SourceStage implements Stage, Host, Surroundings {
  readonly partition: number
  readonly partitions: number
  readonly secrets: Secrets
  readonly counts = { taken: 0, late: 0, deadLettered: 0, duplicates: 0 }
  readonly #duplicates: Deduplications
  readonly #streams: readonly StreamInput[]
  readonly #tables: readonly TableInput[]
  readonly #inputs: SourceInputs
  readonly #operator: Operator
  readonly #header: Header
  readonly #throws = new Throws()
  readonly #blocks: Blocks
  readonly #at: At
  readonly #external: boolean
  readonly #probe: Probe | undefined
  #out: OutputRecord[] = []

  /** @param joins tables in the order of the stage's inputs, which are the streams and then these */
  constructor(
    plan: Plan,
    joins: readonly JoinStep[],
    task: TaskContext,
    operatorOf: (host: Host & Surroundings) => Operator,
  ) {
    this.partition = task.partition
    this.#external = task.clock === 'external'
    this.#probe = task.probe
    this.partitions = task.partitions
    this.secrets = new Secrets(task.vault)
    const held = joins.map((join) => new TableInput(join, task))
    this.#tables = held.flatMap((table) => tableInputsOf(table, task))
    this.#duplicates = new Deduplications(plan, this)
    this.#streams = plan.inputs.map((input) => streamInputOf(plan, input, task, this))
    this.#inputs = new SourceInputs(this.#streams, this.#tables)
    this.#header = new Header(this.#streams.length + this.#tables.length, this.#throws)
    this.#operator = operatorOf(this)
    const tables = held.map(({ table }) => table)
    this.#blocks = new Blocks([this.#header, ...this.#duplicates.parts, ...this.#operator.parts, ...tables])
    this.#at = nowhere()
  }

  get streamTime(): number {
    return this.#header.streamTime
  }

  get stateEntries(): number {
    return this.#blocks.entries
  }

  lastEvent(input: number): { readonly eventTime: number; readonly writtenAt: number } | undefined {
    return this.#header.lastEvent(input)
  }

  async prepare(slice: readonly (readonly KafkaRecord[])[]): Promise<void> {
    const subjects = new Set<string>()
    await this.#inputs.prepare(slice, subjects)
    await this.secrets.fetch(subjects)
  }

  cut(buffers: readonly (readonly KafkaRecord[])[], mayGrow: readonly boolean[]): readonly number[] {
    return this.#inputs.cut(buffers, mayGrow)
  }

  accept(slice: readonly (readonly KafkaRecord[])[]): void {
    const [only] = slice
    if (slice.length === 1 && only) {
      for (let n = 0; n < only.length; n++) this.#takeStream(0, only[n] as KafkaRecord, undefined)
      return
    }
    this.#inputs.inOrder(slice, (input, record, row) => {
      if (input < this.#streams.length) this.#takeStream(input, record, row)
      else this.#takeTable(input, record, row)
    })
  }

  #takeStream(input: number, record: KafkaRecord, known: Row | undefined): void {
    this.counts.taken++
    if (this.#throws.fades()) this.endThrows()
    this.#header.changed = true
    const stream = this.#streams[input] as StreamInput
    const { topicInput } = stream
    if (stream.deletes && record.value === null && record.key !== null) {
      this.#takeDeletion(stream, input, record)
      return
    }
    const row = known ?? this.#decoded(topicInput, record)
    if (row === undefined || this.#breaksRule(topicInput, record, row)) return
    const at = this.#at
    at.record = record
    at.time = row[topicInput.timeField] as number
    at.source = sourceOf(record.partition, input)
    at.offset = record.offset
    if (stream.maxAheadMs !== undefined && at.time > record.timestamp + stream.maxAheadMs) {
      const lateness = at.time - record.timestamp
      this.late(at, { reason: 'future', eventTime: at.time, lateness, streamTime: this.streamTime })
      return
    }
    this.#header.taken(input, at.time, record.timestamp)
    if (at.time > this.#header.streamTime && !this.#external) this.#header.streamTime = at.time
    if (this.#header.streamTime >= this.#operator.nextTime) this.#operator.moved(this.#header.streamTime)
    this.#run(stream, row, at)
    // A timer set for a time that has already come fires now.
    if (this.#header.streamTime >= this.#operator.nextTime) this.#operator.moved(this.#header.streamTime)
  }

  /** A deletion has no event time: it counts where it stands, and moves none. */
  #takeDeletion(stream: StreamInput, input: number, record: KafkaRecord): void {
    const at = this.#at
    at.record = record
    at.time = this.#header.streamTime
    at.source = sourceOf(record.partition, input)
    at.offset = record.offset
    this.#run(stream, DELETED, at)
  }

  #run(stream: StreamInput, row: Row, at: At): void {
    const { series } = this.#throws
    for (let attempt = 1; ; attempt++) {
      try {
        const { transforms } = stream
        let going: Row | undefined = row
        let n = 0
        for (; n < transforms.length && going !== undefined; n++) going = transforms[n]?.(going, at)
        if (going !== undefined) this.#operator.take(going, at)
        else this.#probe?.ended(row, at, stream.steps[n - 1] ?? '')
        this.#duplicates.settle()
        // A join takes an event though rows made of it threw: then the series goes on.
        if (this.#throws.series === series) this.endThrows()
        return
      } catch (thrown) {
        this.#duplicates.forget()
        if (thrown instanceof NotPrepared || (thrown instanceof KappaError && thrown.code === 'POISONED')) throw thrown
        if (attempt < TRIES) continue
        this.#throws.add(deadLetter(at.record, stream.stepName, thrown), stream.stepName)
        return
      }
    }
  }

  get throwing(): number {
    return this.#throws.series
  }

  endThrows(): void {
    if (!this.#throws.running) return
    this.#header.changed = true
    this.counts.deadLettered += this.#throws.end(this.#out)
  }

  #takeTable(input: number, record: KafkaRecord, known: Row | undefined): void {
    this.counts.taken++
    if (this.#throws.fades()) this.endThrows()
    const table = this.#tables[input - this.#streams.length] as TableInput
    if (record.value === null && record.key !== null) {
      table.remove(record, this.streamTime)
      return
    }
    const row = known ?? this.#decoded(table.input, record)
    if (row === undefined || this.#breaksRule(table.input, record, row)) return
    const time = row[table.input.timeField] as number
    this.#header.taken(input, time, record.timestamp)
    if (table.movesTime && !this.#movesTo(input, record, time, table.historyMs)) return
    const misplaced = table.put(row, time, this.streamTime)
    if (misplaced !== undefined) this.#dead(record, `table ${table.input.topic.name}`, misplaced)
  }

  /** A table whose rows move time as events do. False where the row is older than the history: it is late. */
  #movesTo(input: number, record: KafkaRecord, time: number, historyMs: number): boolean {
    if (time > this.#header.streamTime && !this.#external) this.#header.streamTime = time
    const { streamTime } = this.#header
    if (streamTime >= this.#operator.nextTime) this.#operator.moved(streamTime)
    if (time >= streamTime - historyMs) return true
    const at: At = { record, time, source: sourceOf(record.partition, input), offset: record.offset }
    this.late(at, { reason: 'history', eventTime: time, lateness: streamTime - time, streamTime })
    return false
  }

  tableOf(join: JoinStep): TableInput['table'] {
    const found = this.#tables.find((table) => table.join === join)
    if (!found) throw new KappaError('PLAN_INVALID', `joining ${join.table.topic.name}: it is no input of this stage`)
    return found.table
  }

  deduplicationOf(step: DeduplicateStep): Deduplication {
    return this.#duplicates.of(step)
  }

  out(record: OutputRecord): void {
    this.#out.push(record)
  }

  late(at: At, lateness: Lateness): void {
    this.counts.late++
    this.#probe?.late(at, lateness)
    this.#out.push(lateRecord(at.record, lateness))
  }

  refuse(at: At, step: string, reason: string): void {
    this.#dead(at.record, step, reason)
  }

  threw(record: OutputRecord): void {
    this.#throws.add(record, record.headers?.step?.toString() ?? '')
  }

  /** Undefined where its bytes are no event of the topic: then it is a dead letter. */
  #decoded(input: TopicInput, record: KafkaRecord): Row | undefined {
    try {
      return input.decode(record)
    } catch (thrown) {
      this.#dead(record, 'decode', thrown)
      return undefined
    }
  }

  /** Whether it breaks a rule of the topic's contract: then it is a dead letter. */
  #breaksRule(input: TopicInput, record: KafkaRecord, row: Row): boolean {
    const broken = input.broken(row)
    if (broken !== undefined) this.#dead(record, 'rules', broken)
    return broken !== undefined
  }

  #dead(record: KafkaRecord, step: string, thrown: unknown): void {
    this.counts.deadLettered++
    this.#out.push(deadLetter(record, step, thrown))
  }

  /** Moves the stage's time. Whoever advances sees to it that no other stream may still bring something earlier. */
  advance({ input, time, reason }: Advance): void {
    this.endThrows()
    if (input >= this.#streams.length || reason === 'row') return
    const reached = reason === 'import' ? this.#operator.settledAt(time) : time
    if (reached <= this.#header.streamTime) return
    this.#header.streamTime = reached
    this.#header.changed = true
    this.#operator.moved(reached)
  }

  drain(): readonly OutputRecord[] {
    const out = this.#out
    this.#out = []
    this.#operator.drain(this.#header.streamTime, out)
    return out
  }

  get disk(): DiskState | undefined {
    const part = this.#operator.onDisk
    return part && diskStateOf(this.#blocks, this.#header, part)
  }

  *inspect(key?: string): Iterable<Row> {
    yield* this.#operator.inspect?.(key) ?? []
  }

  takeDelta(): Buffer | undefined {
    return this.#blocks.delta()
  }

  snapshot(): Iterable<Buffer> {
    return this.#blocks.snapshot()
  }

  restore(block: Buffer): void {
    this.#blocks.restore(block)
    this.#duplicates.restored(this.#header.streamTime)
    this.#operator.restored(this.#header.streamTime)
  }
}

/** The row of a record that has no value. */
const DELETED: Row = Object.freeze({})
