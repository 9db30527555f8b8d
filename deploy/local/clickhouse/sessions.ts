import type { Connection, Engine } from './engine.ts'
import { DatabaseError, errorCode } from './errors.ts'
import type { Asked } from './request.ts'

interface Kept {
  readonly connection: Connection
  busy: boolean
  timer: NodeJS.Timeout | undefined
}

/** A connection for one statement, and what to do with it afterwards. */
export interface Lease {
  readonly connection: Connection
  /** Whether others of the same session will use it after us. */
  readonly kept: boolean
  /** Settings named here go back to their defaults, so that they held for one statement only. */
  giveBack(settings: readonly string[]): Promise<void>
}

/**
 * Connections that outlive a request, by user and `session_id`: temporary tables, SET and USE last as long as the
 * session does. One statement at a time, as in ClickHouse (code 373).
 */
export class Sessions {
  readonly #engine: Engine
  readonly #kept = new Map<string, Kept>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  lease(asked: Asked): Lease {
    if (asked.session === undefined) {
      const connection = this.#engine.open()
      return { connection, kept: false, giveBack: async () => connection.close() }
    }
    const { id, timeoutSeconds, mustExist } = asked.session
    const key = JSON.stringify([asked.user.name, id])
    let kept = this.#kept.get(key)
    if (kept === undefined) {
      if (mustExist) throw new DatabaseError(errorCode.sessionNotFound, `Session ${id} not found`)
      kept = { connection: this.#engine.open(), busy: false, timer: undefined }
      this.#kept.set(key, kept)
    }
    if (kept.busy) throw new DatabaseError(errorCode.sessionIsLocked, `Session ${id} is locked by a concurrent client`)
    const own = kept
    own.busy = true
    clearTimeout(own.timer)
    const giveBack = async (settings: readonly string[]) => {
      if (settings.length > 0)
        await own.connection.run(`SET ${settings.map((name) => `${name} = DEFAULT`).join(', ')}`).catch(() => {})
      own.busy = false
      own.timer = setTimeout(() => this.#end(key), timeoutSeconds * 1000)
      own.timer.unref()
    }
    return { connection: own.connection, kept: true, giveBack }
  }

  close(): void {
    for (const key of [...this.#kept.keys()]) this.#end(key)
  }

  #end(key: string): void {
    const kept = this.#kept.get(key)
    this.#kept.delete(key)
    clearTimeout(kept?.timer)
    kept?.connection.close()
  }
}
