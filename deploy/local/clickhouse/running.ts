import type { Engine } from './engine.ts'
import { DatabaseError, errorCode } from './errors.ts'

/** Milliseconds between two tries to stop a statement: the first may come before the engine has begun with it. */
const again = 50

/** The statements that run now, by their query id. */
export class Running {
  readonly #engine: Engine
  readonly #reads = new Map<string, () => void>()
  readonly #writes = new Set<string>()
  #idle: (() => void)[] = []
  #stopping = false

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Runs `statement` under an id; throws with code 216 where one with this id runs. */
  async during<T>(id: string, kind: 'read' | 'write', statement: (stop: () => void) => Promise<T>): Promise<T> {
    if (this.#stopping) throw new DatabaseError(errorCode.serverIsShuttingDown, 'The server is shutting down')
    if (this.#reads.has(id) || this.#writes.has(id))
      throw new DatabaseError(errorCode.queryIdIsRunning, `Query with id = ${id} is already running`)
    let timer: NodeJS.Timeout | undefined
    const stop = () => {
      if (timer !== undefined) return
      this.#engine.kill(id)
      timer = setInterval(() => this.#engine.kill(id), again)
    }
    if (kind === 'read') this.#reads.set(id, stop)
    else this.#writes.add(id)
    try {
      return await statement(stop)
    } finally {
      clearInterval(timer)
      this.#reads.delete(id)
      this.#writes.delete(id)
      if (this.#reads.size + this.#writes.size === 0) for (const wake of this.#idle.splice(0)) wake()
    }
  }

  /** Takes no more, stops reads, and resolves when what writes has finished. */
  async finish(): Promise<void> {
    this.#stopping = true
    for (const stop of this.#reads.values()) stop()
    if (this.#reads.size + this.#writes.size > 0) await new Promise<void>((wake) => this.#idle.push(wake))
  }
}
