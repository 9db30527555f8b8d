import type { TransactionalProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'

/** Ownership older than this is confirmed by a transaction before anything is sent to the store, milliseconds. */
const LEASE_MS = 30_000

/**
 * Since when a lane is certainly the owner of its transactional id. A commit proves it for the moment it was *asked*: its
 * answer may reach a process that slept in between, and whose lane is somebody else's by then.
 */
export class Lease {
  private readonly producer: TransactionalProducer
  private readonly clock: Clock
  private since: number

  /** @param since when the producer was asked to take over */
  constructor(producer: TransactionalProducer, clock: Clock, since: number) {
    this.producer = producer
    this.clock = clock
    this.since = since
  }

  /** One transaction, which renews the lease. FENCED by a later owner. */
  async transact(body: () => Promise<void>): Promise<void> {
    const asked = this.clock.now()
    await this.producer.begin()
    await body()
    await this.producer.commit()
    this.since = asked
  }

  /**
   * Resolves while the lease is young; until then it is renewed by `body`. FENCED by a later owner, ABORTED where the broker
   * did not confirm it for any other reason: the producer is of no more use then.
   */
  async confirm(body: () => Promise<void>): Promise<void> {
    while (this.clock.now() - this.since > LEASE_MS)
      try {
        await this.transact(body)
      } catch (cause) {
        if (cause instanceof KappaError && !cause.retriable) throw cause
        throw new KappaError('ABORTED', `confirming who owns ${this.producer.id}`, { cause, retriable: true })
      }
  }
}
