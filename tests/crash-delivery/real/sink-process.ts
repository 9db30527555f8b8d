import { type ChildProcess, spawn } from 'node:child_process'
import type { LaneStatus } from '#engine/delivery'
import { typescriptFlags } from '../../../deploy/local/processes/typescript.ts'
import type { StoreName } from '../script.ts'
import type { Ask, Order, Told } from './orders.ts'

const fixture = new URL('sink-fixture.ts', import.meta.url).pathname

/** A sink process. */
export class SinkProcess {
  readonly store: StoreName
  readonly exited: Promise<number | null>
  /** It has been started, and neither died nor was told to end. */
  isWanted = true
  isStopped = false
  readonly #child: ChildProcess

  constructor(order: Order, told: { onStopped(): void; onFailed(lane: LaneStatus): void }) {
    this.store = order.store
    this.#child = spawn(process.execPath, [...typescriptFlags, fixture, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    this.#child.stdout?.on('data', (data) => {
      if (!String(data).includes('stopped')) return
      this.isStopped = true
      told.onStopped()
    })
    this.#child.on('message', ({ failed }: Told) => told.onFailed(failed))
    this.exited = new Promise((resolve) =>
      this.#child.once('exit', (code) => {
        this.isWanted = false
        resolve(code)
      }),
    )
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
    if (this.#child.connected) this.#child.send(ask, () => {})
  }
}
