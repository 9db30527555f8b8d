import kafka, { type Producer } from 'node-rdkafka'
import type { OutgoingRecord } from '../contract.ts'
import { asFailure, failureOf } from './failure.ts'
import type { Partitions } from './partitions.ts'
import { outgoingBytes, outgoingHeaders } from './records.ts'

/** Hands records to a producer, waiting while its queue is full. Both kinds of producer send through it. */
export class Outbox {
  readonly #producer: Producer
  readonly #partitions: Partitions

  constructor(producer: Producer, partitions: Partitions) {
    this.#producer = producer
    this.#partitions = partitions
  }

  send(record: OutgoingRecord): void | Promise<void> {
    const partition = this.#partitions.choose(record)
    if (typeof partition !== 'number') return partition.then((known) => this.send({ ...record, partition: known }))
    if (!this.#queued(record, partition)) return this.#waiting(record, partition)
  }

  /** False where the queue is full. */
  #queued(record: OutgoingRecord, partition: number): boolean {
    try {
      this.#producer.produce(
        record.topic,
        partition,
        outgoingBytes(record.value),
        outgoingBytes(record.key),
        undefined,
        undefined,
        outgoingHeaders(record),
      )
      return true
    } catch (thrown) {
      const failure = asFailure(thrown)
      if (failure.code === kafka.CODES.ERRORS.ERR__QUEUE_FULL) return false
      throw thrown instanceof Error && thrown.name === 'KappaError'
        ? thrown
        : failureOf(failure, `sending to ${record.topic}[${partition}]`)
    }
  }

  async #waiting(record: OutgoingRecord, partition: number): Promise<void> {
    do {
      this.#producer.poll()
      await new Promise((resolve) => setTimeout(resolve, 5))
    } while (!this.#queued(record, partition))
  }
}

/** What both kinds of producer are set to: acknowledged by all, in order, once, in compressed batches. */
export const producerSettings = {
  'enable.idempotence': true,
  acks: -1,
  'compression.codec': 'lz4',
  'linger.ms': 5,
  'batch.num.messages': 10_000,
  'batch.size': 1_000_000,
  'message.max.bytes': 8_000_000,
  'queue.buffering.max.messages': 500_000,
  'queue.buffering.max.kbytes': 131_072,
} as const
