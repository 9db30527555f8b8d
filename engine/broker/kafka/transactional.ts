import kafka from 'node-rdkafka'
import { KappaError } from '#engine/errors'
import type { OutgoingRecord, TransactionalProducer } from '../contract.ts'
import { type ClusterSettings, clusterSettings, connect, disconnect } from './connect.ts'
import { asFailure, type ClientFailure, called, failureOf, isFenced } from './failure.ts'
import { Outbox, producerSettings } from './outbox.ts'
import type { Partitions } from './partitions.ts'

/** How long one call of a transactional method waits before it is tried again, and how often. */
const CALL_MS = 5_000
const TRIES = 12
/** librdkafka asks again after this, a fifth more or less. */
const RETRY_MS = 1_000
/**
 * A commit that took longer may have been asked twice: where a connection broke, librdkafka asks again over a new one, and
 * what was asked first may still arrive, during the next transaction of this epoch, and commit that one early (it does not
 * speak KIP-890; docs/decisions/0008). Such a producer begins no other transaction: the next owner's epoch shuts it out.
 */
const ASKED_ONCE_MS = 700

type State = 'ready' | 'open' | 'ended' | 'closed'

/** A transactional producer on librdkafka (KIP-98). See the contract for its state machine. */
export class KafkaTransactionalProducer implements TransactionalProducer {
  readonly id: string
  readonly #producer: kafka.Producer
  readonly #outbox: Outbox
  #state: State = 'ready'
  #doubtful = false

  constructor(id: string, producer: kafka.Producer, partitions: Partitions) {
    this.id = id
    this.#producer = producer
    this.#outbox = new Outbox(producer, partitions)
  }

  /** Connects and initialises: earlier owners of the id are fenced, their open transaction is aborted, when this returns. */
  static async open(cluster: ClusterSettings, id: string, timeoutMs: number, partitions: Partitions) {
    const producer = new kafka.Producer(
      {
        ...clusterSettings(cluster),
        ...producerSettings,
        'transactional.id': id,
        'transaction.timeout.ms': timeoutMs,
        'retry.backoff.ms': RETRY_MS,
        'retry.backoff.max.ms': RETRY_MS,
      },
      {},
    )
    await connect(producer, cluster)
    const opened = new KafkaTransactionalProducer(id, producer, partitions)
    try {
      await opened.#retried('initialising', (done) => producer.initTransactions(CALL_MS, done))
    } catch (thrown) {
      await opened.close()
      throw thrown
    }
    return opened
  }

  async begin(): Promise<void> {
    if (this.#doubtful) {
      this.#state = 'ended'
      const text = `beginning a transaction of ${this.id}: its last commit took so long that it may have been asked for twice`
      throw new KappaError('ABORTED', text, { retriable: true })
    }
    this.#expect('ready', 'beginning')
    await this.#retried('beginning', (done) => this.#producer.beginTransaction(done))
    this.#state = 'open'
  }

  send(record: OutgoingRecord): void | Promise<void> {
    this.#expect('open', 'sending')
    return this.#outbox.send(record)
  }

  async commit(): Promise<void> {
    this.#expect('open', 'committing')
    // What fails here fails the commit, which says so; only the asking is timed.
    await new Promise<void>((resolve) => this.#producer.flush(CALL_MS, () => resolve()))
    const began = performance.now()
    await this.#retried('committing', (done) => this.#producer.commitTransaction(CALL_MS, done))
    this.#doubtful = performance.now() - began > ASKED_ONCE_MS
    this.#state = 'ready'
  }

  async abort(): Promise<void> {
    this.#expect('open', 'aborting')
    await this.#retried('aborting', (done) => this.#producer.abortTransaction(CALL_MS, done))
    this.#state = 'ready'
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    await disconnect(this.#producer, 1)
  }

  #expect(state: State, doing: string): void {
    if (this.#state !== state)
      throw new KappaError('ABORTED', `${doing} a transaction of ${this.id} that is ${this.#state}, not ${state}`)
  }

  /** A retriable answer is asked again; any other ends this producer: FENCED, or ABORTED after an attempt to abort. */
  async #retried(doing: string, call: (done: (failure: ClientFailure | null | undefined) => void) => void) {
    for (let tries = 1; ; tries++) {
      try {
        await called(call)
        return
      } catch (thrown) {
        const failure = asFailure(thrown)
        if (failure.isRetriable && tries < TRIES) continue
        const wasOpen = this.#state === 'open'
        this.#state = 'ended'
        const text = `${doing} a transaction of ${this.id}`
        if (isFenced(failure)) throw failureOf(failure, text)
        if (doing === 'initialising') throw failureOf(failure, text)
        if (wasOpen && failure.isTxnRequiresAbort && doing !== 'aborting')
          await called((done) => this.#producer.abortTransaction(CALL_MS, done)).catch(() => {})
        const reason = `librdkafka ${failure.code}: ${failure.message}`
        throw new KappaError('ABORTED', text, { cause: new Error(reason), retriable: true })
      }
    }
  }
}
