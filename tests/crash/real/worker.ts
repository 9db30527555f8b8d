import { type ChildProcess, spawn } from 'node:child_process'
import type { TaskStatus } from '#engine/runtime'
import { typescriptFlags } from '../../../deploy/local/processes/typescript.ts'
import type { Answer, Ask, Order } from './orders.ts'

const fixture = new URL('worker-fixture.ts', import.meta.url).pathname
const ANSWERS_WITHIN_MS = 5_000

/** A worker process. */
export class WorkerProcess {
  /** Its number among those that live: whoever comes after it has its folder, and its name where names are kept. */
  readonly place: number
  readonly exited: Promise<number | null>
  /** It has been started, and neither died nor was told to end. */
  isWanted = true
  isStopped = false
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (statuses: readonly TaskStatus[]) => void>()
  #asked = 0
  #alive = true

  /** @param onStruck told when it stopped itself at a step */
  constructor(order: Order, place: number, onStruck: () => void) {
    this.place = place
    this.#child = spawn(process.execPath, [...typescriptFlags, fixture, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    this.#child.stdout?.on('data', (data) => {
      if (!String(data).includes('stopped')) return
      this.isStopped = true
      onStruck()
    })
    this.#child.on('message', ({ id, statuses }: Answer) => this.#waiting.get(id)?.(statuses))
    this.exited = new Promise((resolve) =>
      this.#child.once('exit', (code) => {
        this.#alive = false
        this.isWanted = false
        resolve(code)
      }),
    )
  }

  get isAlive(): boolean {
    return this.#alive
  }

  kill(): void {
    this.isWanted = false
    this.#child.kill('SIGKILL')
  }

  /** Asks it to finish and leave. */
  leave(): void {
    this.isWanted = false
    this.go()
    this.#child.kill('SIGTERM')
  }

  stop(): void {
    this.isStopped = true
    this.#child.kill('SIGSTOP')
  }

  go(): void {
    if (!this.isStopped) return
    this.isStopped = false
    this.#child.kill('SIGCONT')
  }

  ask(ask: Ask): void {
    if (this.#alive && this.#child.connected) this.#child.send(ask, () => {})
  }

  /** Its tasks; none where it does not answer. */
  status(): Promise<readonly TaskStatus[]> {
    const id = ++this.#asked
    return new Promise((resolve) => {
      const done = (statuses: readonly TaskStatus[]) => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        resolve(statuses)
      }
      const timer = setTimeout(() => done([]), ANSWERS_WITHIN_MS)
      this.#waiting.set(id, done)
      this.ask({ kind: 'status', id })
    })
  }
}
