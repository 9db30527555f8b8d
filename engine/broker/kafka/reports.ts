import type kafka from 'node-rdkafka'
import { KappaError } from '#engine/errors'
import { type Position, placeOf } from '../contract.ts'
import { type ClientFailure, failureOf, hasMoved } from './failure.ts'

interface Waiter {
  resolve(): void
  reject(error: KappaError): void
}

/**
 * Reports positions to the group, one request at a time: what is reported meanwhile waits, newest position per partition.
 * A report that the group refuses, because it has moved on, is FENCED.
 */
export class Reports {
  readonly #consumer: kafka.KafkaConsumer
  #waiting = new Map<string, Position>()
  #waiters: Waiter[] = []
  #asked: Waiter[] | undefined

  constructor(consumer: kafka.KafkaConsumer) {
    this.#consumer = consumer
    consumer.on('offset.commit', (failure) => this.#answered(failure))
  }

  report(positions: readonly Position[]): Promise<void> {
    for (const at of positions) this.#waiting.set(placeOf(at), at)
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#ask()
    })
  }

  /** Whoever still waits is told that nothing more will be reported. */
  close(): void {
    const error = new KappaError('FENCED', 'reporting positions to a group that was left')
    for (const waiter of [...(this.#asked ?? []), ...this.#waiters]) waiter.reject(error)
    this.#asked = undefined
    this.#waiters = []
  }

  #ask(): void {
    if (this.#asked || this.#waiters.length === 0) return
    this.#asked = this.#waiters
    this.#waiters = []
    const positions = [...this.#waiting.values()]
    this.#waiting = new Map()
    try {
      this.#consumer.commit(positions.map(({ topic, partition, offset }) => ({ topic, partition, offset })))
    } catch (thrown) {
      this.#answered(thrown as ClientFailure)
    }
  }

  #answered(failure: ClientFailure | null | undefined): void {
    const asked = this.#asked ?? []
    this.#asked = undefined
    if (failure) {
      const doing = 'reporting positions to the group'
      const error = hasMoved(failure)
        ? new KappaError('FENCED', `${doing}: ${failure.message}`)
        : failureOf(failure, doing)
      for (const waiter of asked) waiter.reject(error)
    } else {
      for (const waiter of asked) waiter.resolve()
    }
    this.#ask()
  }
}
