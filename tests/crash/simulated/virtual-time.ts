import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '#engine/time'

/** Whose timers these are. A stopped owner's wait until it goes on, a dead one's never come. */
export interface Owner {
  deliver(act: () => void): void
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly owner: Owner | undefined
  readonly act: () => void
  cancelled: boolean
}

const globals = globalThis as unknown as Record<string, unknown>
const realImmediate = globalThis.setImmediate
const LONGEST_MS = 3_600_000
/** So many turns at one moment are a loop that never waits. */
const MOST_TURNS = 1_000_000

/**
 * Time that passes only when nothing is left to do. While it runs, every timer of this Node process is its own: they fire
 * in the order of their time, then of their making, so that a program without input and output runs the same way each time,
 * as fast as it can. Timers belong to the owner in whose context they were made.
 */
export class VirtualTime implements Clock {
  readonly #owners = new AsyncLocalStorage<Owner | undefined>()
  #now: number
  #order = 0
  #timers: Timer[] = []
  #soon: Timer[] = []

  constructor(start: number) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const abort = () => {
        timer.cancelled = true
        resolve()
      }
      const timer = this.#add(() => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }, milliseconds)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Runs `act` in the context of an owner; undefined: of the world outside. */
  as<T>(owner: Owner | undefined, act: () => T): T {
    return this.#owners.run(owner, act)
  }

  /** Runs `main` to its end. Throws where nothing can happen any more and it has not ended, and after an hour of virtual time. */
  async run<T>(main: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const restore = this.#install()
    const until = this.#now + LONGEST_MS
    let turns = 0
    try {
      const state: { ended?: () => T } = {}
      main().then(
        (value) => {
          state.ended = () => value
        },
        (thrown) => {
          state.ended = () => {
            throw thrown
          }
        },
      )
      for (;;) {
        await new Promise((resolve) => realImmediate(resolve))
        if (state.ended) return state.ended()
        if (signal?.aborted) throw new Error('interrupted')
        const before = this.#now
        if (!this.#step()) throw new Error('nothing can happen any more, and the run has not ended')
        turns = this.#now === before ? turns + 1 : 0
        if (turns > MOST_TURNS) throw new Error('something turns without ever waiting, and the run has not ended')
        if (this.#now > until) throw new Error('an hour has passed, and the run has not ended')
      }
    } finally {
      restore()
    }
  }

  #step(): boolean {
    const timer = this.#soon.shift() ?? this.#earliest()
    if (!timer) return false
    if (timer.at > this.#now) this.#now = timer.at
    if (timer.cancelled) return true
    if (timer.owner) timer.owner.deliver(() => this.as(timer.owner, timer.act))
    else this.as(undefined, timer.act)
    return true
  }

  #earliest(): Timer | undefined {
    let best: Timer | undefined
    let cancelled = 0
    for (const timer of this.#timers) {
      if (timer.cancelled) cancelled++
      else if (!best || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer
    }
    if (best || cancelled > 0) this.#timers = this.#timers.filter((timer) => timer !== best && !timer.cancelled)
    return best
  }

  #add(act: () => void, milliseconds: number): Timer {
    const at = this.#now + Math.max(1, Number.isFinite(milliseconds) ? milliseconds : 1)
    const timer = { at, order: this.#order++, owner: this.#owners.getStore(), act, cancelled: false }
    this.#timers.push(timer)
    return timer
  }

  #install(): () => void {
    const names = ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] as const
    const before = names.map((name) => globals[name])
    const handles = new WeakMap<object, Timer>()
    const handleOf = (timer: Timer): object => {
      const handle = { ref: () => handle, unref: () => handle, hasRef: () => true }
      handles.set(handle, timer)
      return handle
    }
    const clear = (handle: unknown): void => {
      const timer = typeof handle === 'object' && handle !== null ? handles.get(handle) : undefined
      if (timer) timer.cancelled = true
    }
    globals.setTimeout = (act: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) =>
      handleOf(this.#add(() => act(...args), milliseconds))
    globals.setImmediate = (act: (...args: unknown[]) => void, ...args: unknown[]) => {
      const owner = this.#owners.getStore()
      const timer = { at: this.#now, order: this.#order++, owner, act: () => act(...args), cancelled: false }
      this.#soon.push(timer)
      return handleOf(timer)
    }
    globals.clearTimeout = clear
    globals.clearImmediate = clear
    return () => {
      for (const [index, name] of names.entries()) globals[name] = before[index]
    }
  }
}
