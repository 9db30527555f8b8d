import { randomBytes } from 'node:crypto'
import { reasonOf } from '#engine/errors'
import type { Clock } from '#engine/time'
import type { AuditEvent } from '#schemas'
import type { Outbox } from './outbox.ts'
import { Refusals, type RefusedUse } from './refusals.ts'

export interface AuditOptions {
  readonly outbox: Outbox
  /** Resolves when they are on their topic for good. */
  readonly publish: (events: readonly AuditEvent[]) => Promise<void>
  readonly clock: Clock
  /** Told when events begin to wait, with the reason, and undefined when they go on. */
  readonly onState?: (away: string | undefined) => void
}

/** How often events are told, and for how long refused uses of a kind are counted together. */
export const EVERY_MS = 5_000
/** At once, at most. */
const BATCH = 500
/** Waiting events beyond which refused uses stay in memory, where they are counted together. */
const CROWDED = 1_000

/**
 * Tells what happened to tokens: changes that commands left in the outbox, and refused uses. Everything goes through the
 * outbox, so it waits while Kafka is away, and is on the topic at least once with the same `eventId`. What a process that is
 * killed had counted in its last seconds is lost; changes never are.
 */
export class Audit {
  readonly #options: AuditOptions
  readonly #refusals = new Refusals(randomBytes(4).toString('hex'))
  #away = false

  constructor(options: AuditOptions) {
    this.#options = options
  }

  refused(use: RefusedUse): void {
    this.#refusals.add(use, this.#options.clock.now())
  }

  /** Until the signal; what is left then waits for the next start. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    // A broker that is away may keep a round for long; whoever stops does not wait for it.
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    while (!signal.aborted) {
      await Promise.race([this.#tellOrWait(), stopped])
      await clock.sleep(EVERY_MS, signal)
    }
    this.#keep()
  }

  /** One round: nothing waits any more. Throws what publishing throws; then all that was not told goes on waiting. */
  async tell(): Promise<void> {
    const { outbox, publish } = this.#options
    if (outbox.size < CROWDED) this.#keep()
    for (let events = outbox.pending(BATCH); events.length > 0; events = outbox.pending(BATCH)) {
      await publish(events)
      outbox.told(events)
    }
  }

  async #tellOrWait(): Promise<void> {
    const { onState } = this.#options
    try {
      await this.tell()
      if (this.#away) onState?.(undefined)
      this.#away = false
    } catch (thrown) {
      if (!this.#away) onState?.(reasonOf(thrown))
      this.#away = true
    }
  }

  #keep(): void {
    for (const event of this.#refusals.take()) this.#options.outbox.note(event)
  }
}
