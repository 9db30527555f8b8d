import { setTimeout } from 'node:timers/promises'
import type { PlainProducer } from '#engine/broker'
import { clicks, purchases } from '#schemas'
import { clickOf, purchaseOf, type World, worldOf } from '../world.ts'

/** When something was sent: `performance.now()`, and in which measured step; -1 outside of any. */
export interface Sent {
  readonly at: number
  readonly step: number
}

interface Tick extends Sent {
  readonly firstEvent: number
  readonly eventTime: number
}

export interface PaceOptions {
  readonly producer: PlainProducer
  readonly purchasesId: number
  /** Absent: purchases alone. */
  readonly clicksId?: number
  /** Milliseconds of event time a millisecond. */
  readonly speed: number
  /** Milliseconds since 1970 at which event time begins. */
  readonly start: number
}

const TICK_MS = 5
/** Clicks are up to so many milliseconds older than the purchases they are sent with. */
const CLICK_LAG = 1_500
const MINUTE = 60_000

/**
 * Sends events at a fixed rate, whatever becomes of them, and remembers when each was sent. Event time rises with the
 * clock; events of one tick have one time.
 */
export class Pace {
  readonly #options: PaceOptions
  readonly #world: World
  readonly #ticks: Tick[] = []
  readonly #began = performance.now()
  #now: number
  #sent = 0
  /** Purchases by the minute of event time that they are in. */
  readonly perMinute = new Map<number, number>()

  constructor(options: PaceOptions) {
    this.#options = options
    this.#now = options.start
    this.#world = {
      ...worldOf(1, options.start),
      at: () => this.#now,
      clickAt: (n) => this.#now - ((n * 7_919) % CLICK_LAG),
    }
  }

  /** Sends at `rate` events a second for `ms` milliseconds, or until `done`; resolves to how many it sent. */
  async send(rate: number, ms: number, step: number, done: () => boolean = () => false): Promise<number> {
    const { producer, purchasesId, clicksId, start, speed } = this.#options
    const perEvent = clicksId === undefined ? 1 : 2
    const began = performance.now()
    const before = this.#sent
    for (let elapsed = 0; elapsed < ms && !done(); elapsed = performance.now() - began) {
      const at = performance.now()
      this.#now = Math.floor(start + (at - this.#began) * speed)
      this.#ticks.push({ at, step, firstEvent: this.#sent, eventTime: this.#now })
      const due = before + Math.floor((elapsed * rate) / 1_000 / perEvent)
      const minute = Math.floor(this.#now / MINUTE) * MINUTE
      this.perMinute.set(minute, (this.perMinute.get(minute) ?? 0) + Math.max(0, due - this.#sent))
      for (; this.#sent < due; this.#sent++) {
        const purchase = purchaseOf(this.#world, this.#sent)
        const key = Buffer.from(purchase.visitorId)
        const value = purchases.frame(purchasesId, purchase)
        const full = producer.send({ topic: purchases.name, key, value })
        if (full) await full
        if (clicksId === undefined) continue
        const click = clickOf(this.#world, this.#sent)
        producer.send({ topic: clicks.name, key: Buffer.from(click.visitorId), value: clicks.frame(clicksId, click) })
      }
      await setTimeout(TICK_MS)
    }
    return (this.#sent - before) * perEvent
  }

  /** When purchase `n` was sent, and the click of that number. */
  ofEvent(n: number): Sent | undefined {
    if (n >= this.#sent) return undefined
    return this.#ticks[firstAt(this.#ticks, ({ firstEvent }) => firstEvent > n) - 1]
  }

  /** When event time first came to `time`. */
  ofTime(time: number): Sent | undefined {
    return this.#ticks[firstAt(this.#ticks, ({ eventTime }) => eventTime >= time)]
  }

  /** Purchases that a measured step sent. */
  sent(step: number): number {
    return this.#count(step, () => true)
  }

  /** Purchases of a measured step that are not another's order sent again. */
  originals(step: number): number {
    return this.#count(step, (n) => this.#world.original(n) === n)
  }

  #count(step: number, counts: (n: number) => boolean): number {
    let count = 0
    this.#ticks.forEach((tick, t) => {
      if (tick.step !== step) return
      const end = this.#ticks[t + 1]?.firstEvent ?? this.#sent
      for (let n = tick.firstEvent; n < end; n++) if (counts(n)) count++
    })
    return count
  }
}

/** The first index that `holds`, in a list where it holds from somewhere on. */
function firstAt<T>(list: readonly T[], holds: (one: T) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(list[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
