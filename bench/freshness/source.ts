import { setTimeout as pause } from 'node:timers/promises'
import type { PlainProducer } from '#engine/broker'
import { purchases } from '#schemas'
import { purchaseId, purchaseOf, type World, worldOf } from '../world.ts'
import type { Mark } from './hops.ts'

const TICK_MS = 5
const LETTERS = 26
/** So many marks have a currency of their own. */
const MOST_MARKS = LETTERS ** 3
/** No shop front of the made-up world is there. */
export const MARKED_COUNTRY = 'ZZ'
/** Numbers of marks lie behind those of all other events. */
const FIRST_MARK = 900_000_000

/** `AAA`, `AAB`, … */
export const codeOf = (n: number): string =>
  String.fromCharCode(...[LETTERS * LETTERS, LETTERS, 1].map((unit) => 65 + (Math.floor(n / unit) % LETTERS)))

export interface SourceOptions {
  /** Two of them, so that marks are acknowledged by themselves. */
  readonly producers: { readonly traffic: PlainProducer; readonly marks: PlainProducer }
  readonly schemaId: number
  readonly partitions: number
  /** Events a second. */
  readonly rate: number
  /** Milliseconds of event time a millisecond. */
  readonly speed: number
  readonly marksPerSecond: number
  /** Milliseconds since 1970 at which event time begins. */
  readonly start: number
}

/**
 * A shop at a steady rate, open loop, event time rising with the clock in every partition; now and then a mark among its
 * purchases.
 */
export class Source {
  readonly #options: SourceOptions
  readonly #world: World
  readonly #began = performance.now()
  #now: number
  #sent = 0
  /** By event: its event time, and when it was handed to the client. */
  readonly #times: { readonly eventTime: number; readonly at: number }[] = []
  readonly marks: Mark[] = []
  #acknowledging: Promise<void> = Promise.resolve()

  constructor(options: SourceOptions) {
    this.#options = options
    this.#now = options.start
    this.#world = { ...worldOf(1, options.start), at: () => this.#now }
  }

  /** Sends until `done`; marks that are sent while `counts` says so are measured. */
  async run(counts: () => boolean, done: () => boolean): Promise<void> {
    const { rate, marksPerSecond } = this.#options
    while (!done()) {
      const elapsed = performance.now() - this.#began
      this.#now = this.#eventTimeAt(elapsed)
      for (const due = Math.floor((elapsed * rate) / 1_000); this.#sent < due; this.#sent++) await this.#sendOne()
      while (this.marks.length <= (elapsed * marksPerSecond) / 1_000) this.#mark(counts())
      await pause(TICK_MS)
    }
    await this.#options.producers.traffic.flush()
    await this.#acknowledging
  }

  /** When event time came to this in every partition: each has one of as many events as there are partitions. */
  reached(eventTime: number): number | undefined {
    let [low, high] = [0, this.#times.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#times[middle]?.eventTime ?? 0) >= eventTime) high = middle
      else low = middle + 1
    }
    return this.#times[low + this.#options.partitions - 1]?.at
  }

  #eventTimeAt(elapsed: number): number {
    return Math.floor(this.#options.start + elapsed * this.#options.speed)
  }

  async #sendOne(): Promise<void> {
    const { producers, schemaId, partitions } = this.#options
    const purchase = purchaseOf(this.#world, this.#sent)
    const waiting = producers.traffic.send({
      topic: purchases.name,
      partition: this.#sent % partitions,
      key: Buffer.from(purchase.visitorId),
      value: purchases.frame(schemaId, purchase),
    })
    this.#times.push({ eventTime: this.#now, at: performance.now() })
    if (waiting !== undefined) await waiting
  }

  #mark(counts: boolean): void {
    const { producers, schemaId, partitions, marksPerSecond } = this.#options
    const n = this.marks.length
    if (n >= MOST_MARKS) throw new RangeError(`there are codes for ${MOST_MARKS} marks`)
    const dueAfter = (n * 1_000) / marksPerSecond
    const [code, cents] = [codeOf(n), 100 + (n % 900)]
    const mark: Mark = {
      ...{ code, counts, due: this.#began + dueAfter, eventTime: this.#eventTimeAt(dueAfter) },
      revenue: (cents / 100).toFixed(2),
    }
    this.marks.push(mark)
    const purchase = {
      ...purchaseOf(this.#world, n),
      ...{ eventId: purchaseId(FIRST_MARK + n), orderId: `m-${n}`, occurredAt: mark.eventTime },
      ...{ country: MARKED_COUNTRY, currency: code, amount: BigInt(cents) },
      ...{ status: 'PAID' as const, refusalReason: null },
    }
    const sent = producers.marks.send({
      topic: purchases.name,
      partition: n % partitions,
      key: Buffer.from(purchase.visitorId),
      value: purchases.frame(schemaId, purchase),
    })
    // One after the other: a mark is acknowledged when everything before it is, too.
    this.#acknowledging = this.#acknowledging.then(async () => {
      await sent
      await producers.marks.flush()
      mark.accepted = performance.now()
    })
    this.#acknowledging.catch(() => {}) // Awaited at the end of `run`.
  }
}
