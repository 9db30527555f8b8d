import type { Random } from '../../crash/random.ts'
import type { SimulatedProcess } from '../../crash/simulated/process.ts'
import type { VirtualTime } from '../../crash/simulated/virtual-time.ts'
import type { StoreFault } from '../script.ts'

/** Longest time from a broken connection to the arrival of what was sent over it. */
const LATE_MS = 8_000

/** How a request is met: `half` where the store dies in the midst of it. */
export type Act<T> = (how: 'whole' | 'half') => T

/** The way between sink processes and a store: requests take a while, get lost, arrive late, or find nobody. */
export class StoreWay {
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #faults: StoreFault[] = []
  #away = { until: 0, hangs: false }
  #slow = { until: 0, most: 0 }

  constructor(time: VirtualTime, random: Random) {
    this.#time = time
    this.#random = random
  }

  leave(forMs: number, hangs: boolean): void {
    this.#away = { until: Math.max(this.#away.until, this.#time.now() + forMs), hangs }
  }

  slow(forMs: number, most: number): void {
    this.#slow = { until: this.#time.now() + forMs, most }
  }

  fail(how: readonly StoreFault[]): void {
    this.#faults.push(...how)
  }

  heal(): void {
    this.#away = { until: 0, hangs: false }
    this.#slow = { until: 0, most: 0 }
    this.#faults.length = 0
  }

  /** A request of a process. It arrives also when the one who sent it is dead. */
  request<T>(process: SimulatedProcess, changes: boolean, act: Act<T>): Promise<T> {
    return process.receive(this.#time.as(undefined, () => this.#carried(changes, act)))
  }

  async #carried<T>(changes: boolean, act: Act<T>): Promise<T> {
    await this.#time.sleep(this.#random.between(1, 5))
    while (this.#time.now() < this.#away.until) {
      if (!this.#away.hangs) throw broken('ECONNREFUSED')
      await this.#time.sleep(this.#away.until - this.#time.now())
    }
    const fault = changes ? this.#faults.shift() : undefined
    switch (fault) {
      case 'refused':
        throw broken('ECONNRESET')
      case 'answer lost':
        act('whole')
        throw broken('ECONNRESET')
      case 'in part':
        act('half')
        throw broken('ECONNRESET')
      case 'late':
        void this.#arriveLate(act)
        throw broken('ECONNRESET')
    }
    try {
      return act('whole')
    } finally {
      await this.#time.sleep(this.#random.between(1, this.#time.now() < this.#slow.until ? this.#slow.most : 5))
    }
  }

  /** Nobody hears the answer. */
  async #arriveLate<T>(act: Act<T>): Promise<void> {
    await this.#time.sleep(this.#random.between(100, LATE_MS))
    try {
      act('whole')
    } catch {
      // refused, and nobody there to be told
    }
  }
}

const broken = (code: string): Error => Object.assign(new Error(`the connection ended: ${code}`), { code })
