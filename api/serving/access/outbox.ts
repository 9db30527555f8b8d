import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import type { AuditEvent } from '#schemas'

/**
 * Audit events that are not on their topic yet: a file each, so that whoever changes a token needs no Kafka, and a process
 * that dies forgets none. Whole or not there at all; the same event twice is one file. Throws CONFIG_INVALID where the
 * folder cannot be used.
 */
export class Outbox {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  note(event: AuditEvent): void {
    this.#reach('noting an audit event in', () => {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
      const path = this.#pathOf(event)
      writeFileSync(`${path}.new`, JSON.stringify(event), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    })
  }

  /** Those of the longest ago first, at most so many. */
  pending(most = Number.POSITIVE_INFINITY): readonly AuditEvent[] {
    return this.#reach('reading audit events in', () =>
      this.#files()
        .slice(0, most)
        .map((file) => JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as AuditEvent),
    )
  }

  get size(): number {
    return this.#reach('reading audit events in', () => this.#files().length)
  }

  /** They are on their topic. */
  told(events: readonly AuditEvent[]): void {
    this.#reach('clearing audit events in', () => {
      for (const event of events) rmSync(this.#pathOf(event), { force: true })
    })
  }

  #files(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter((file) => file.endsWith('.json'))
        .sort()
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw thrown
    }
  }

  #pathOf({ eventId, occurredAt }: AuditEvent): string {
    const name = createHash('sha256').update(eventId).digest('hex').slice(0, 16)
    return join(this.#folder, `${String(occurredAt).padStart(15, '0')}-${name}.json`)
  }

  #reach<T>(doing: string, work: () => T): T {
    try {
      return work()
    } catch (cause) {
      throw new KappaError('CONFIG_INVALID', `${doing} ${this.#folder}`, { cause })
    }
  }
}
