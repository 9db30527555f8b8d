import type { LaneStatus } from '#engine/delivery'
import type { RunningStack } from '../../../deploy/local/index.ts'
import { type Blow, type StoreName, storeNames } from '../script.ts'
import type { Order } from './orders.ts'
import type { StoreProxy } from './proxy.ts'
import { SinkProcess } from './sink-process.ts'

/** Longer waits make no other run, only a longer one. */
const LONGEST_MS = 3_000
const LEAVES_WITHIN_MS = 30_000
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The sink processes of a run on real services, and what happens to them. */
export class RealSinkCrew {
  readonly #stack: RunningStack
  readonly #proxies: Readonly<Record<StoreName, StoreProxy>>
  readonly #order: Omit<Order, 'id' | 'store'>
  readonly #processes: SinkProcess[] = []
  readonly #stops: boolean
  #timers: NodeJS.Timeout[] = []
  #ending = false
  #calm = false
  #killedStore = false
  #killedBroker = false
  blows = 0
  failure: string | undefined
  readonly madeAnew = new Set<string>()
  expectsMadeAnew = false

  constructor(options: {
    readonly stack: RunningStack
    readonly proxies: Readonly<Record<StoreName, StoreProxy>>
    readonly order: Omit<Order, 'id' | 'store'>
    /** False: who would be stopped is killed instead. */
    readonly stops: boolean
  }) {
    this.#stops = options.stops
    this.#stack = options.stack
    this.#proxies = options.proxies
    this.#order = options.order
  }

  get #wanted(): SinkProcess[] {
    return this.#processes.filter(({ isWanted }) => isWanted)
  }

  add(store: StoreName): void {
    const id = `${store}-${this.#processes.length + 1}`
    const process: SinkProcess = new SinkProcess(
      { ...this.#order, id, store },
      {
        onStopped: () => this.#later(2_000, () => process.go()),
        onFailed: (lane) => this.#failed(store, lane),
      },
    )
    this.#processes.push(process)
    void process.exited.then(() => {
      if (!this.#ending && !this.#wanted.some((other) => other.store === store)) this.add(store)
    })
  }

  #failed(store: StoreName, { topic, lane, reason }: LaneStatus): void {
    const place = `${store}|${topic}|${lane}`
    if (this.expectsMadeAnew) this.madeAnew.add(place)
    else this.failure ??= `${place} failed: ${reason}`
  }

  async apply(blow: Exclude<Blow, { kind: 'retention' }>): Promise<void> {
    this.blows++
    const forMs = 'forMs' in blow ? Math.min(LONGEST_MS, blow.forMs) : 700
    switch (blow.kind) {
      case 'storm':
        for (let n = 0; n < blow.count; n++) for (const store of storeNames) this.add(store)
        return
      case 'outage':
        if (this.#killedBroker) return await this.#pauseBroker(forMs)
        this.#killedBroker = true
        await this.#stack.kill('kafka', 'SIGKILL')
        return await this.#stack.start('kafka')
      // Acknowledgements come when the broker goes on.
      case 'slow':
      case 'commits end':
      case 'expire':
        return await this.#pauseBroker(forMs)
      case 'store away':
        if (blow.store !== 'clickhouse' || this.#killedStore) return this.#proxies[blow.store].leave(forMs, blow.hangs)
        this.#killedStore = true
        await this.#stack.kill('clickhouse', 'SIGKILL')
        return await this.#stack.start('clickhouse')
      case 'store slow':
        return this.#proxies[blow.store].slow(forMs, Math.min(blow.mostMs, 1_000))
      case 'store fails':
        return this.#proxies[blow.store].fail(blow.how)
    }
    const process = this.#wanted[blow.process % this.#wanted.length]
    if (blow.kind === 'kill' || (blow.kind === 'stop' && !this.#stops)) process?.kill()
    else if (blow.kind === 'strike')
      process?.ask({
        kind: 'strike',
        step: blow.step,
        nth: blow.nth,
        stops: this.#stops && blow.stopForMs !== undefined,
      })
    else if (blow.kind === 'stop') {
      process?.stop()
      this.#later(forMs, () => process?.go())
    } else {
      process?.leave()
      if (process && !this.#wanted.some(({ store }) => store === process.store)) this.add(process.store)
    }
  }

  /** From here on nothing is in the way, and of each sink one process is there. */
  heal(): void {
    this.#calm = true
    for (const proxy of Object.values(this.#proxies)) proxy.heal()
    for (const process of this.#wanted) {
      process.go()
      process.ask({ kind: 'calm' })
    }
    for (const store of storeNames) {
      const [kept, ...others] = this.#wanted.filter((process) => process.store === store)
      if (kept === undefined) this.add(store)
      for (const other of others) other.kill()
    }
  }

  /** All leave, and in good order. */
  async leave(): Promise<void> {
    this.#ending = true
    const left = this.#wanted
    for (const process of left) process.leave()
    const codes = await Promise.race([
      Promise.all(left.map(({ exited }) => exited)),
      pause(LEAVES_WITHIN_MS).then(() => ['none in time']),
    ])
    const wrong = codes.find((code) => code !== 0)
    if (wrong !== undefined && this.#calm) throw new Error(`a sink ended with ${wrong}`)
    this.#ending = false
  }

  /** All are killed; none comes back by itself. */
  async end(): Promise<void> {
    this.#ending = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    for (const process of this.#processes) process.kill()
    await Promise.all(this.#processes.map(({ exited }) => exited))
    await this.#stack.kill('kafka', 'SIGCONT')
  }

  /** Kills the processes of one sink, acts, and starts one again. */
  async without(store: StoreName, act: () => Promise<void>): Promise<void> {
    const own = this.#processes.filter((process) => process.store === store)
    this.#ending = true
    for (const process of own) process.kill()
    await Promise.all(own.map(({ exited }) => exited))
    await pause(200)
    await act()
    this.#ending = false
    this.add(store)
  }

  /** After `end`. */
  begin(): void {
    this.#ending = false
    for (const store of storeNames) this.add(store)
  }

  async #pauseBroker(forMs: number): Promise<void> {
    await this.#stack.kill('kafka', 'SIGSTOP')
    await pause(forMs)
    await this.#stack.kill('kafka', 'SIGCONT')
  }

  #later(milliseconds: number, act: () => void): void {
    this.#timers.push(setTimeout(act, milliseconds))
  }
}
