import { keyText } from '#engine/schema'
import { type Held, JoinBuffer, type StatePart } from '#engine/state'
import type { Plan, Row, WithinPlan } from '#engine/topology'
import { withinOf } from '#engine/topology'
import { type At, inputOf } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import type { Host, Operator } from '../operator.ts'
import { deadLetter, deadRow } from '../outputs.ts'
import { partitioner, type Surroundings } from '../steps.ts'
import type { Downstream } from './downstream.ts'
import { placeOf, valuesOf } from './held-rows.ts'
import { type Pairing, pairingOf, type SideSpec } from './pairing.ts'

/** One side while it runs. */
interface Bank extends SideSpec {
  readonly buffer: JoinBuffer
}

/**
 * A join of two streams (KIP-633 for its null rows). An event meets every kept event of the other side whose time fits, and
 * is kept itself while one that it could meet may come. A side that wants null rows gives up an event without a partner
 * when its window and the grace are over, and never pairs it after. Rows come out in the order in which events are taken;
 * an event's pairs by the partner's (time, partition, offset).
 */
export class IntervalJoin implements Operator {
  readonly parts: readonly StatePart[]
  readonly #within: WithinPlan
  readonly #pairing: Pairing
  readonly #left: Bank
  readonly #right: Bank
  readonly #isLeft: readonly boolean[]
  readonly #topics: readonly string[]
  readonly #host: Host & Surroundings
  readonly #down: Downstream
  readonly #partitionOf: (key: string) => number
  readonly #where: string

  constructor(plan: Plan, within: WithinPlan, host: Host & Surroundings, down: Downstream) {
    this.#within = within
    this.#host = host
    this.#down = down
    this.#pairing = pairingOf(plan, within)
    const { left, right } = this.#pairing
    this.#left = { ...left, buffer: new JoinBuffer(left.tag, left) }
    this.#right = { ...right, buffer: new JoinBuffer(right.tag, right) }
    this.#isLeft = plan.inputs.map((input) => withinOf(input)?.side === 'left')
    this.#topics = plan.inputs.map(({ topic }) => topic.name)
    this.#partitionOf = partitioner(host.partitions)
    this.#where = `${within.join} join of streams`
    this.parts = [this.#left.buffer, this.#right.buffer, ...down.operator.parts]
  }

  get nextTime(): number {
    return Math.min(this.#left.buffer.nextTime, this.#right.buffer.nextTime, this.#down.operator.nextTime)
  }

  take(row: Row, at: At): void {
    const { streamTime } = this.#host
    const isLeft = this.#isLeft[inputOf(at.source)] === true
    const own = isLeft ? this.#left : this.#right
    const other = isLeft ? this.#right : this.#left
    const key = own.key.map((field) => row[field])
    const text = keyText(key)
    if (this.#partitionOf(text) !== this.#host.partition) {
      this.#host.refuse(at, this.#where, 'it stands on a partition that its key does not belong to')
      return
    }
    const held: Held = {
      text,
      time: at.time,
      source: at.source,
      offset: at.offset,
      values: own.read(row, at, valuesOf),
      matched: false,
      mark: 'fresh',
    }
    this.#down.moveTo(streamTime)
    this.#meet(held, isLeft, other.buffer, at)
    const open = own.buffer.open(at.time, streamTime)
    const given = own.buffer.given(at.time, streamTime)
    if (!held.matched && given) this.#deliver(this.#alone(held, isLeft), at, at)
    else if (open) own.buffer.put(held)
    if (!open || (own.waitMs !== undefined && at.time + Math.max(own.waitMs, this.#within.graceMs) < streamTime))
      this.#late(at, held.matched || given ? 'partly-late' : 'late')
  }

  /** Pairs the event with the kept ones of the other side, by their (time, source, offset). */
  #meet(held: Held, isLeft: boolean, others: JoinBuffer, at: At): void {
    const { streamTime } = this.#host
    const { beforeMs, afterMs } = this.#within
    const from = held.time - (isLeft ? beforeMs : afterMs)
    const to = held.time + (isLeft ? afterMs : beforeMs)
    const list = others.of(held.text)
    for (let n = firstAt(list, from); n < list.length; n++) {
      const partner = list[n] as Held
      if (partner.time > to) break
      if (!others.open(partner.time, streamTime)) continue
      held.matched = true
      others.match(partner)
      const row = isLeft ? this.#pairing.row(held, partner) : this.#pairing.row(partner, held)
      const time = Math.max(held.time, partner.time)
      this.#deliver(row, { record: at.record, time, source: at.source, offset: at.offset }, at)
    }
  }

  /** Hands a row of the event being taken on. What throws is a dead letter of that event; its other rows go on. */
  #deliver(row: Row, place: At, at: At): void {
    const failed = this.#down.offer(row, place)
    if (failed) this.#host.threw(deadLetter(at.record, this.#where, failed.thrown))
  }

  #alone(held: Held, isLeft: boolean): Row {
    return isLeft ? this.#pairing.row(held, undefined) : this.#pairing.row(undefined, held)
  }

  #late(at: At, reason: 'late' | 'partly-late'): void {
    const { streamTime } = this.#host
    this.#host.late(at, { reason, eventTime: at.time, lateness: streamTime - at.time, streamTime })
  }

  moved(streamTime: number): void {
    this.#giveUp(streamTime)
    this.#left.buffer.purge(streamTime)
    this.#right.buffer.purge(streamTime)
    this.#down.moveTo(streamTime)
  }

  /** Rows of events without a partner, each at the last moment at which one might have come. */
  #giveUp(streamTime: number): void {
    const alone = [this.#left, this.#right].flatMap(({ buffer, waitMs = 0 }, side) =>
      buffer.due(streamTime).map((held) => ({ held, isLeft: side === 0, until: held.time + waitMs })),
    )
    if (this.#within.join === 'outer') alone.sort((a, b) => a.until - b.until)
    for (const { held, isLeft, until } of alone) {
      this.#down.moveTo(until)
      const row = this.#alone(held, isLeft)
      const failed = this.#down.offer(row, placeOf(held, this.#topics, this.#host.partition))
      if (failed) this.#host.threw(deadRow(row, this.#where, failed.thrown))
    }
  }

  settledAt(time: number): number {
    const waits = [this.#left, this.#right].map(({ waitMs }) => (waitMs === undefined ? 0 : waitMs + 1))
    return Math.max(this.#down.operator.settledAt(time), time + Math.max(...waits))
  }

  restored(streamTime: number): void {
    this.#left.buffer.settle(streamTime)
    this.#right.buffer.settle(streamTime)
    this.#down.restored(streamTime)
  }

  inspect(key?: string): Iterable<Row> {
    return this.#down.operator.inspect?.(key) ?? []
  }

  drain(streamTime: number, out: OutputRecord[]): void {
    this.#down.operator.drain(streamTime, out)
  }
}

/** The first event at or after a time. */
function firstAt(list: readonly Held[], time: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] as Held).time < time) low = middle + 1
    else high = middle
  }
  return low
}
