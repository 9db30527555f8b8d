import { join } from 'node:path'
import type { Deployment, TaskStatus } from '#engine/runtime'
import type { RunningStack } from '../../../deploy/local/index.ts'
import type { Blow } from '../script.ts'
import { allTaken, sourcePositions, told } from '../settled.ts'
import type { Order } from './orders.ts'
import { WorkerProcess } from './worker.ts'

const SETTLES_WITHIN_MS = 90_000
const LEAVES_WITHIN_MS = 30_000
/** Longer waits make no other run, only a longer one: sessions are 2 s here, transactions at most 10 s. */
const LONGEST_MS = 4_000
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The worker processes of one run on a real broker, and what happens to them and to it. */
export class RealCrew {
  readonly #stack: RunningStack
  readonly #deployment: Deployment
  readonly #order: Omit<Order, 'id'>
  readonly #partitions: number
  readonly #workers: WorkerProcess[] = []
  #timers: NodeJS.Timeout[] = []
  #healing = false
  #restarted = false
  blows = 0

  constructor(options: {
    readonly stack: RunningStack
    readonly deployment: Deployment
    readonly order: Omit<Order, 'id'>
    readonly partitions: number
  }) {
    this.#stack = options.stack
    this.#deployment = options.deployment
    this.#order = options.order
    this.#partitions = options.partitions
  }

  add(): void {
    const taken = new Set(this.#workers.filter(({ isAlive }) => isAlive).map(({ place }) => place))
    const place = this.#workers.map((worker) => worker.place).find((left) => !taken.has(left)) ?? taken.size
    const { isStatic, stateFolder } = this.#order
    const order = {
      ...this.#order,
      id: `worker-${isStatic ? place : this.#workers.length + 1}`,
      ...(stateFolder === undefined ? {} : { stateFolder: join(stateFolder, String(place)) }),
    }
    const worker: WorkerProcess = new WorkerProcess(order, place, () => this.#later(1_500, () => worker.go()))
    this.#workers.push(worker)
    // One that died at a step is started again where nobody is left.
    void worker.exited.then(() => {
      if (!this.#healing && this.#wanted.length === 0) this.add()
    })
  }

  async apply(blow: Blow): Promise<void> {
    this.blows++
    const forMs = 'forMs' in blow ? Math.min(LONGEST_MS, blow.forMs) : 700
    const worker = this.#wanted['worker' in blow ? blow.worker % this.#wanted.length : 0]
    switch (blow.kind) {
      case 'add':
        this.add()
        return
      case 'outage':
        if (this.#restarted) return this.#stopBroker(forMs)
        this.#restarted = true
        await this.#stack.kill('kafka', 'SIGKILL')
        return await this.#stack.start('kafka')
      // Acknowledgements come when the broker goes on.
      case 'slow':
      case 'commits end':
      case 'expire':
        return this.#stopBroker(forMs)
      case 'kill':
        worker?.kill()
        // A static member is waited for: it comes back under its name, and finds its tasks.
        if (this.#order.isStatic) this.#later(500, () => this.#healing || this.add())
        return
      case 'remove':
        worker?.leave()
        if (this.#wanted.length === 0) this.add()
        return
      case 'stop':
        worker?.stop()
        this.#later(forMs, () => worker?.go())
        return
      case 'strike': {
        const { what, step, nth, stopForMs } = blow
        worker?.ask({ kind: 'strike', what, step, nth, stops: stopForMs !== undefined })
      }
    }
  }

  heal(): void {
    this.#healing = true
    for (const worker of this.#workers) {
      worker.go()
      worker.ask({ kind: 'calm' })
    }
    if (this.#wanted.length === 0) this.add()
  }

  /** Resolves when everything written was taken and nothing more comes. */
  async settle(signal: AbortSignal): Promise<void> {
    const until = performance.now() + SETTLES_WITHIN_MS
    for (let quiet = 0, before = ''; quiet < 2; ) {
      await pause(1_000)
      if (signal.aborted) throw new Error('interrupted')
      if (this.#wanted.length === 0) this.add()
      const statuses = await this.#statuses()
      const now = sourcePositions(this.#deployment, statuses)
      quiet = allTaken(this.#deployment, this.#partitions, statuses) && now === before ? quiet + 1 : 0
      before = now
      if (performance.now() > until) throw new Error(`it does not come to rest: ${told(statuses)}`)
    }
  }

  /** All end by themselves and in good order. */
  async stop(): Promise<void> {
    const left = this.#wanted
    for (const worker of left) worker.leave()
    const codes = await Promise.race([
      Promise.all(left.map(({ exited }) => exited)),
      pause(LEAVES_WITHIN_MS).then(() => ['none in time']),
    ])
    const wrong = codes.find((code) => code !== 0)
    if (wrong !== undefined) throw new Error(`a worker ended with ${wrong}`)
  }

  /** Leaves no process behind. */
  async end(): Promise<void> {
    this.#healing = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers = []
    for (const worker of this.#workers) if (worker.isAlive) worker.kill()
    await Promise.all(this.#workers.map(({ exited }) => exited))
    await this.#stack.kill('kafka', 'SIGCONT')
  }

  get #wanted(): WorkerProcess[] {
    return this.#workers.filter(({ isWanted }) => isWanted)
  }

  async #stopBroker(forMs: number): Promise<void> {
    await this.#stack.kill('kafka', 'SIGSTOP')
    await pause(forMs)
    await this.#stack.kill('kafka', 'SIGCONT')
  }

  #later(milliseconds: number, act: () => void): void {
    this.#timers.push(setTimeout(act, milliseconds))
  }

  async #statuses(): Promise<TaskStatus[]> {
    return (await Promise.all(this.#wanted.map((worker) => worker.status()))).flat()
  }
}
