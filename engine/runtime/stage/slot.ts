import type { Position } from '#engine/broker'
import type { Stage } from '#engine/compile'
import { type ErrorCode, KappaError, reasonOf } from '#engine/errors'
import { type Known, Restorer } from '../changelog/changelog.ts'
import type { RestoreProgress } from '../changelog/restore.ts'
import { contextOf } from '../task/take-over.ts'
import { Task } from '../task/task.ts'
import type { TaskOptions } from '../task/task-options.ts'
import { Histogram } from '../telemetry/histogram.ts'
import { type HotKey, HotKeys } from '../telemetry/hot-keys.ts'
import type { TaskState } from '../telemetry/status.ts'
import { Bell } from './bell.ts'

/** Errors after which the same task, taken over anew, may well go on. */
const AGAIN = new Set<ErrorCode>(['ABORTED', 'SERVICE_UNAVAILABLE', 'FENCED'])
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
/** How long a task without work sleeps at most before it looks at the clock. */
const TICK_MS = 100

export interface SlotOptions extends Omit<TaskOptions, 'confirm'> {
  /** Step 4 of the take-over; FENCED where the group has moved on. */
  confirm: TaskOptions['confirm']
  /** A fenced task of a bounded run does not come back: another process runs it. */
  readonly onFenced: 'retake' | 'stop'
  /** The partitions of the task are no longer read. */
  release(): Promise<void>
  onChange(): void
  /** One key takes more than a fifth of the task's records; told once. */
  onHotKey?(partition: number, hot: HotKey): void
}

/**
 * Keeps one task going: takes it over, works, commits when due, and after a failure that can pass discards it and takes it
 * over again, waiting longer each time. Ends as `done` (bounded run), `closed` (asked to), or `stopped` with the error.
 */
export class Slot {
  readonly partition: number
  readonly ended: Promise<void>
  readonly counters = { takeOvers: 0, failures: 0, taken: 0, late: 0, deadLettered: 0, duplicates: 0, commits: 0 }
  readonly commitTimes = new Histogram()
  readonly hotKeys = new HotKeys()
  readonly #options: SlotOptions
  readonly #bell = new Bell()
  #task: Task | undefined
  #state: TaskState = 'taking-over'
  #error: unknown
  /** What ends the task from outside it. */
  #blow: unknown
  #closing = false
  #parking: (() => void) | undefined
  #unpark: Promise<void> | undefined
  #unparked: (() => void) | undefined
  #memory: Known<Stage> | undefined
  #hotTold = false
  #restore: RestoreProgress | undefined

  constructor(options: SlotOptions) {
    this.#options = options
    this.partition = options.partition
    this.ended = this.#run()
  }

  get task(): Task | undefined {
    return this.#task
  }

  get state(): TaskState {
    return this.#state
  }

  get error(): unknown {
    return this.#error
  }

  get reason(): string | undefined {
    return this.#error === undefined ? undefined : reasonOf(this.#error)
  }

  /** How far the state is restored, while the task is taken over; then how its last take-over went. */
  get restore(): RestoreProgress | undefined {
    return this.#restore
  }

  /** What the task left behind when it was given up in good order; handed out once. */
  takeMemory(): Known<Stage> | undefined {
    const memory = this.#memory
    this.#memory = undefined
    return memory
  }

  /** After records were offered to the task. */
  wake(): void {
    this.#bell.ring()
  }

  /** Commits what is taken and takes nothing more until `unpark` or `close`; resolves when that is so. */
  async park(): Promise<void> {
    if (this.#unpark || this.#closing) return
    this.#unpark = new Promise((resolve) => {
      this.#unparked = resolve
    })
    // Without a task, or while it is discarded, there is nothing to finish.
    if (this.#state !== 'running' || !this.#task) return
    await Promise.race([
      this.ended,
      new Promise<void>((resolve) => {
        this.#parking = resolve
        this.#bell.ring()
      }),
    ])
  }

  unpark(): void {
    this.#unpark = undefined
    this.#unparked?.()
  }

  /** Finishes the running slice, commits, gives the task up. */
  async close(): Promise<void> {
    this.#closing = true
    this.unpark()
    this.#bell.ring()
    await this.ended
  }

  /** The task ends as if its work had thrown this. */
  fail(error: unknown): void {
    this.#blow ??= error
    this.#bell.ring()
  }

  /** Ends the task with an error that only a person can help. */
  async stop(error: unknown): Promise<void> {
    await this.close()
    this.#error = error
    this.#state = 'stopped'
    this.#options.onChange()
  }

  async #run(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; !this.#closing; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const commits = this.counters.commits
      try {
        await this.#unpark
        if (this.#closing) break
        this.#blow = undefined
        this.#become('taking-over')
        this.#task = await Task.takeOver({
          ...this.#options,
          memory: () => this.#known(),
          onReady: (task) => {
            this.#task = task
          },
          onTake: (records) => this.hotKeys.take(records),
          onRestore: (progress) => {
            this.#restore = progress
          },
        })
        this.counters.takeOvers++
        this.#become('running')
        await this.#keepWorking(this.#task)
        await this.#discard()
        if (!this.#closing) return this.#become('done')
      } catch (thrown) {
        this.counters.failures++
        this.#error = thrown
        const positions = this.#task?.committed ?? []
        await this.#discard()
        if (!this.#mayRetry(thrown)) return this.#become('stopped')
        this.#become('retrying')
        if (this.counters.commits > commits) pause = FIRST_PAUSE_MS
        await this.#bell.wait(pause)
        if (thrown instanceof KappaError && thrown.code === 'FENCED') await this.#regain(positions)
      }
    }
    await this.#discard()
    if (this.#state !== 'stopped') this.#become('closed')
  }

  #known(): Restorer<Stage> | undefined {
    const memory = this.takeMemory()
    const { deployment, spec, partitions, memory: elsewhere } = this.#options
    const context = contextOf({ deployment, spec, partition: this.partition, partitions })
    return memory ? new Restorer(() => spec.open(context), memory) : elsewhere?.()
  }

  /**
   * A fenced task comes back only when the group says that the partition is still this member's: then it was the broker
   * that gave up its transaction, or an owner of a past generation. Where it is not, the next assignment closes this slot.
   */
  async #regain(positions: readonly Position[]): Promise<void> {
    while (!this.#closing) {
      try {
        await this.#unpark
        return await this.#options.confirm(positions)
      } catch {
        await this.#bell.wait(1_000)
      }
    }
  }

  #mayRetry(thrown: unknown): boolean {
    if (!(thrown instanceof KappaError)) return false
    if (thrown.code === 'FENCED') return this.#options.onFenced === 'retake'
    return thrown.retriable || AGAIN.has(thrown.code)
  }

  async #keepWorking(task: Task): Promise<void> {
    const { clock } = this.#options
    while (!this.#closing && !task.finished) {
      if (this.#parking || this.#unpark) await this.#rest(task)
      if (this.#closing) break
      if (this.#blow !== undefined) throw this.#blow
      const worked = await this.#tried(task)
      const dueAt = task.commitDueAt
      if (dueAt !== undefined && clock.now() >= dueAt) await this.#commit(task)
      // Fetched records arrive between turns of the event loop, so a busy task must give way too.
      if (worked) await new Promise(setImmediate)
      else await this.#bell.wait(dueAt === undefined ? TICK_MS : Math.min(TICK_MS, Math.max(1, dueAt - clock.now())))
    }
    // A bounded run that found nothing still says where whoever follows it begins.
    if (task.finished) task.endThrows()
    if (task.throwing === 0 && (task.dirty || (task.finished && !task.settled))) await this.#commit(task)
  }

  /** One piece of work; while a service that it needs is away the task waits with what it has. */
  async #tried(task: Task): Promise<boolean> {
    try {
      const worked = await task.work()
      if (worked) this.#error = undefined
      return worked
    } catch (thrown) {
      if (!(thrown instanceof KappaError && thrown.retriable && thrown.code === 'SERVICE_UNAVAILABLE')) throw thrown
      this.#error = thrown
      await this.#bell.wait(1_000)
      return false
    }
  }

  async #rest(task: Task): Promise<void> {
    if (task.dirty && task.throwing === 0) await this.#commit(task)
    this.#become('parked')
    this.#parking?.()
    this.#parking = undefined
    await this.#unpark
    if (!this.#closing) this.#become('running')
  }

  async #commit(task: Task): Promise<void> {
    await task.commit()
    this.counters.commits++
    this.commitTimes.observe(task.lastCommitMs)
    const hot = this.#hotTold ? undefined : this.hotKeys.hot
    if (!hot) return
    this.#hotTold = true
    this.#options.onHotKey?.(this.partition, hot)
  }

  async #discard(): Promise<void> {
    const task = this.#task
    this.#task = undefined
    this.#parking?.()
    this.#parking = undefined
    if (!task) return
    this.#memory = task.memory
    const { taken, late, deadLettered, duplicates = 0 } = task.counts
    this.counters.taken += taken
    this.counters.late += late
    this.counters.deadLettered += deadLettered
    this.counters.duplicates += duplicates
    await this.#options.release().catch(() => {})
    await task.close().catch(() => {})
  }

  #become(state: TaskState): void {
    this.#state = state
    if (state === 'running' || state === 'done') this.#error = undefined
    this.#options.onChange()
  }
}
