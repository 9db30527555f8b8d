import type { KafkaRecord, Reader } from '#engine/broker'
import type { Clock } from '#engine/time'
import { Batch, type CutLimits } from './batch.ts'
import type { EventTimes } from './event-time.ts'
import { schemaIdOf } from './learn.ts'
import { footprint, type MemoryBudget } from './memory-budget.ts'

/** Records a single read may bring: small enough to keep the event loop responsive. */
const READ_ROWS = 5_000
const READ_WAIT_MS = 100
const BUDGET_LOOK_MS = 100

/** Why waiting for a batch ended: it is ready · the bounded source is at its end · time is up · the lane is to stop. */
export type Readiness = 'batch' | 'end' | 'deadline' | 'stop'

/**
 * Reads on while the lane writes the cut before: one batch is collected up to its limits, then reading waits until the
 * lane takes it. So memory holds at most the cut being written and the next one, and less where the process is at its limit.
 */
export class ReadAhead {
  private batch: Batch | undefined
  private failure: { readonly thrown: unknown } | undefined
  private readonly listeners = new Set<() => void>()
  private readonly ending = new AbortController()
  private readonly pumping: Promise<void>
  private readonly reader: Reader
  private readonly times: EventTimes
  private readonly limits: CutLimits
  private readonly clock: Clock
  private readonly topic: string
  private readonly until: ReadonlyMap<number, number> | undefined
  private readonly budget: MemoryBudget | undefined
  private readonly onFull: ((batch: Batch) => void) | undefined
  private atEnd = false
  /** Of the batch that is collected, and of what was taken and is not in the store: about its bytes in memory. */
  private collected = 0
  private taken = 0

  constructor(options: {
    /** Assigned to the lane's partitions at its positions. */
    readonly reader: Reader
    readonly times: EventTimes
    readonly limits: CutLimits
    readonly clock: Clock
    readonly topic: string
    /** Offsets (exclusive) by partition at which a bounded lane ends. */
    readonly until: ReadonlyMap<number, number> | undefined
    readonly budget?: MemoryBudget | undefined
    /** The batch has all that it will be taken with. */
    readonly onFull?: (batch: Batch) => void
  }) {
    this.reader = options.reader
    this.times = options.times
    this.limits = options.limits
    this.clock = options.clock
    this.topic = options.topic
    this.until = options.until
    this.budget = options.budget
    this.onFull = options.onFull
    this.pumping = this.pump().catch((thrown: unknown) => {
      this.failure = { thrown }
      this.tell()
    })
  }

  /** Records collected and not yet taken. */
  get waiting(): number {
    return this.batch?.records.length ?? 0
  }

  /** The next offset to read, past transaction markers; undefined while records wait to be taken. */
  caughtUpTo(partition: number): number | undefined {
    return this.waiting > 0 ? undefined : this.reader.position({ topic: this.topic, partition })
  }

  /** Waits for a batch that is due by size, age or the end of a bounded source. Throws what reading threw. */
  async ready(deadline: number, signal: AbortSignal): Promise<Readiness> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure.thrown
      if (signal.aborted) return 'stop'
      const now = this.clock.now()
      const { batch } = this
      if (batch !== undefined && (this.atEnd || this.isDue(batch) || now - batch.since >= this.limits.ageMs))
        return 'batch'
      if (this.atEnd) return 'end'
      if (now >= deadline) return 'deadline'
      const due = batch === undefined ? deadline : Math.min(deadline, batch.since + this.limits.ageMs)
      await this.news(due - now, signal)
    }
  }

  /** Takes the batch; reading goes on into the next one. Only after `ready` said 'batch'. */
  take(): Batch {
    const batch = this.batch ?? new Batch(this.clock.now())
    this.batch = undefined
    this.taken += this.collected
    this.collected = 0
    this.tell()
    return batch
  }

  /** What was taken is in the store: its memory is given back. */
  settled(): void {
    this.budget?.give(this.taken)
    this.taken = 0
  }

  async close(): Promise<void> {
    this.ending.abort()
    this.tell()
    await this.pumping
    this.budget?.give(this.taken + this.collected)
    this.taken = 0
    this.collected = 0
  }

  /** Full, or to be written early because the process holds enough. */
  private isDue(batch: Batch): boolean {
    return batch.full(this.limits) || this.budget?.isSpent === true
  }

  private async pump(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const spent = this.budget?.isSpent === true
      if (this.batch?.full(this.limits) === true || this.atEnd || spent) {
        // Memory is given back by other lanes too: that is not told.
        await this.news(spent ? BUDGET_LOOK_MS : 60_000, this.ending.signal)
        continue
      }
      const room = this.limits.rows - this.waiting
      const records = await this.reader.read(Math.min(READ_ROWS, Math.max(room, 1)), READ_WAIT_MS)
      if (records.length > 0) {
        await this.times.learn(records)
        for (const record of records) this.add(record)
        if (this.batch?.full(this.limits) === true) this.onFull?.(this.batch)
      }
      if (this.until !== undefined) this.atEnd = this.reachedEnd(this.until)
      this.tell()
    }
  }

  private add(record: KafkaRecord): void {
    if (this.until !== undefined && record.offset >= (this.until.get(record.partition) ?? 0)) return
    this.batch ??= new Batch(this.clock.now())
    this.batch.add(record, this.times.of(record), schemaIdOf(record))
    if (this.budget === undefined) return
    const bytes = footprint(record)
    this.collected += bytes
    this.budget.take(bytes)
  }

  private reachedEnd(until: ReadonlyMap<number, number>): boolean {
    for (const [partition, end] of until)
      if ((this.reader.position({ topic: this.topic, partition }) ?? 0) < end) return false
    return true
  }

  private tell(): void {
    for (const listener of this.listeners) listener()
    this.listeners.clear()
  }

  /** Resolves on the next `tell`, after `milliseconds`, or when `signal` aborts. */
  private async news(milliseconds: number, signal: AbortSignal): Promise<void> {
    const told = new AbortController()
    const listener = () => told.abort()
    this.listeners.add(listener)
    signal.addEventListener('abort', listener, { once: true })
    await this.clock.sleep(Math.min(Math.max(milliseconds, 1), 60_000), told.signal)
    signal.removeEventListener('abort', listener)
    this.listeners.delete(listener)
  }
}
