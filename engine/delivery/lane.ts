import { KappaError, reasonOf } from '#engine/errors'
import { type LaneEnd, type LaneWatch, live } from './lane-life.ts'
import type { LaneEvent, LaneOptions } from './lane-options.ts'
import type { LaneRecord } from './lane-record.ts'
import { overdueOf } from './overdue.ts'

const HELD_POLL_MS = 1_000
const FENCED_PAUSE_MS = 10_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** A life that lasted this long was a good one: the next failure begins with the shortest pause again. */
const GOOD_LIFE_MS = 60_000

export type LaneState = 'starting' | 'running' | 'waiting' | 'fenced' | 'held' | 'stopped' | 'finished' | 'failed'

/** How one lane is doing. */
export interface LaneStatus {
  readonly topic: string
  readonly lane: number
  readonly generation: number
  readonly state: LaneState
  /** Why the lane waits or failed. */
  readonly reason: string | undefined
  readonly cut: number
  readonly rows: number
  readonly refused: number
  /** The offset up to which everything is in the store, by partition. */
  readonly positions: Readonly<Record<number, number>>
  /** Wall clock of the last cut's decision; undefined before the first. */
  readonly lastCutAt: number | undefined
  /** Why what is undone is an alarm. */
  readonly overdue: string | undefined
}

/**
 * One lane of one topic, alive until it is stopped: takes over again after failures that may pass, waits while it is held
 * or fenced, follows when it is moved to another generation, and fails with the reason otherwise.
 */
export class Lane {
  private readonly options: LaneOptions
  private generation: number
  private state: LaneState = 'starting'
  /** What ended a lane that failed. */
  failure: unknown
  private reason: string | undefined
  private last: LaneRecord | undefined
  /** The cut behind which a position was found gone. */
  private lostAt: number | undefined
  private readTo: (partition: number) => number | undefined = () => undefined

  constructor(options: LaneOptions) {
    this.options = options
    this.generation = options.generation
  }

  get status(): LaneStatus {
    const { last } = this
    const health = this.options.breaker?.health
    const shut = this.state === 'running' && health !== undefined && health.state !== 'closed'
    return {
      topic: this.options.source,
      lane: this.options.lane,
      generation: this.generation,
      state: shut ? 'waiting' : this.state,
      reason: shut ? `${this.options.destination.name} does not answer: ${health.reason}` : this.reason,
      cut: last?.cut.number ?? 0,
      rows: last?.totals.count ?? 0,
      refused: last?.totals.refused ?? 0,
      positions: last === undefined ? {} : this.positions(last),
      lastCutAt: last === undefined || last.cut.number === 0 ? undefined : last.cut.decidedAt,
      overdue: last && overdueOf(last, this.options.topic, this.options.clock.now()),
    }
  }

  /** Behind the last cut that is done; where nothing waits, past the markers that follow it too. */
  private positions(last: LaneRecord): Readonly<Record<number, number>> {
    const positions = { ...last.positions }
    if (last.state === 'decided') for (const { partition, first } of last.cut.ranges) positions[partition] = first
    else
      for (const partition of Object.keys(positions).map(Number))
        positions[partition] = Math.max(positions[partition] ?? 0, this.readTo(partition) ?? 0)
    return positions
  }

  /** Runs until `signal` aborts (the cut being written is finished first), or a bounded source ends. Never throws: see `status`. */
  async run(signal: AbortSignal): Promise<'stopped' | 'finished' | 'failed'> {
    const { clock } = this.options
    let pause = FIRST_PAUSE_MS
    while (!signal.aborted) {
      const began = clock.now()
      try {
        const ended = await this.once(signal)
        if (ended.end === 'stopped' || ended.end === 'finished') {
          this.become(ended.end)
          return ended.end
        }
        if (ended.end === 'moved') this.follow(ended.last)
        else await this.waitWhileHeld(ended.last, signal)
        pause = FIRST_PAUSE_MS
      } catch (thrown) {
        if (clock.now() - began > GOOD_LIFE_MS) pause = FIRST_PAUSE_MS
        if (!this.mayPass(thrown) && !this.lostFirst(thrown)) return this.fail(thrown)
        const fenced = thrown instanceof KappaError && thrown.code === 'FENCED'
        if (fenced) this.become('fenced', { kind: 'fenced' }, reasonOf(thrown))
        else this.become('waiting', { kind: 'waiting', reason: reasonOf(thrown) }, reasonOf(thrown))
        await clock.sleep(fenced ? FENCED_PAUSE_MS : pause, signal)
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      }
    }
    this.become('stopped')
    return 'stopped'
  }

  private async once(signal: AbortSignal): Promise<LaneEnd> {
    const watch: LaneWatch = {
      found: (record) => {
        this.last = record
      },
      progress: (record) => {
        this.last = record
        if (this.state !== 'running')
          this.become('running', this.state === 'starting' ? undefined : { kind: 'resumed' })
      },
      reading: (at) => {
        this.readTo = at
      },
    }
    try {
      return await live({ ...this.options, notify: (event) => this.hear(event) }, this.generation, signal, watch)
    } finally {
      this.readTo = () => undefined
    }
  }

  /** What a life tells of its store. */
  private hear(event: LaneEvent): void {
    if (event.kind === 'waiting') this.become('waiting', event, event.reason)
    else if (event.kind === 'resumed') this.become(this.last === undefined ? 'starting' : 'running', event)
    else this.options.notify?.(event)
  }

  /** ABORTED: nothing of the transaction is visible; a new life begins at step 1. FENCED: after a pause, likewise. */
  private mayPass(thrown: unknown): boolean {
    return thrown instanceof KappaError && (thrown.retriable || thrown.code === 'FENCED' || thrown.code === 'ABORTED')
  }

  /**
   * A position that is gone may be that of a lane which slept while another brought what was there: the next life looks
   * where the lane stands. Gone from there too, it is gone.
   */
  private lostFirst(thrown: unknown): boolean {
    if (!(thrown instanceof KappaError) || thrown.code !== 'POSITION_LOST') return false
    const at = this.last?.cut.number ?? 0
    if (this.lostAt === at) return false
    this.lostAt = at
    return true
  }

  private fail(thrown: unknown): 'failed' {
    this.failure = thrown
    this.become('failed', { kind: 'stopped', reason: reasonOf(thrown) }, reasonOf(thrown))
    return 'failed'
  }

  private follow(record: LaneRecord): void {
    this.generation = record.movedTo ?? this.generation
    this.become('starting', { kind: 'moved', generation: this.generation })
  }

  /** Looks without taking over: initialising the producer would fence the one who holds the lane. */
  private async waitWhileHeld(held: LaneRecord, signal: AbortSignal): Promise<void> {
    const { log, clock, source, lane } = this.options
    const by = held.heldBy ?? 'another'
    this.become('held', { kind: 'held', by }, `held by ${by}`)
    while (!signal.aborted) {
      await clock.sleep(HELD_POLL_MS, signal)
      const now = await log.peek({ topic: source, lane, generation: this.generation })
      if (now?.state !== 'held') return
    }
  }

  private become(state: LaneState, event?: LaneEvent, reason?: string): void {
    const changed = this.state !== state || this.reason !== reason
    this.state = state
    this.reason = reason
    if (event !== undefined && changed) this.options.notify?.(event)
  }
}
