import kafka from 'node-rdkafka'
import { KappaError } from '#engine/errors'
import type { OutgoingRecord, PlainProducer } from '../contract.ts'
import { type ClusterSettings, clusterSettings, connect, disconnect } from './connect.ts'
import { asFailure, type ClientFailure, called, failureOf, isAway } from './failure.ts'
import { Outbox, producerSettings } from './outbox.ts'
import type { Partitions } from './partitions.ts'

/** An idempotent producer without transactions; refusals of the broker come out of `flush`. */
export class KafkaPlainProducer implements PlainProducer {
  readonly #producer: kafka.Producer
  readonly #outbox: Outbox
  #refused: { readonly failure: ClientFailure; count: number } | undefined
  #closed = false

  constructor(producer: kafka.Producer, partitions: Partitions) {
    this.#producer = producer
    this.#outbox = new Outbox(producer, partitions)
    producer.on('delivery-report', (failure: ClientFailure | null) => {
      if (!failure) return
      if (this.#refused) this.#refused.count++
      else this.#refused = { failure, count: 1 }
    })
    producer.setPollInterval(20)
  }

  static async open(cluster: ClusterSettings, partitions: Partitions): Promise<KafkaPlainProducer> {
    const settings = {
      ...clusterSettings(cluster),
      ...producerSettings,
      'delivery.report.only.error': true,
      'message.timeout.ms': 60_000,
      dr_cb: true,
    }
    const producer = new kafka.Producer(settings, {})
    await connect(producer, cluster)
    return new KafkaPlainProducer(producer, partitions)
  }

  send(record: OutgoingRecord): void | Promise<void> {
    return this.#outbox.send(record)
  }

  async flush(): Promise<void> {
    try {
      await called((done) => this.#producer.flush(70_000, done))
    } catch (thrown) {
      const failure = asFailure(thrown)
      throw failureOf(failure, 'waiting for the broker to acknowledge what was sent')
    }
    this.#producer.poll()
    const refused = this.#refused
    this.#refused = undefined
    if (refused) {
      const cause = new Error(refused.failure.message)
      const options = { cause, retriable: isAway(refused.failure) }
      throw new KappaError('BROKER', `sending: ${refused.count} records were not taken`, options)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await disconnect(this.#producer, 5_000)
  }
}
