import type {
  Admin,
  Broker,
  Member,
  PlainProducer,
  Reader,
  TopicPartition,
  TransactionalProducer,
} from '#engine/broker'
import type { FakeBroker } from '#engine/testing'
import type { Random } from '../random.ts'
import type { SimulatedProcess } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'

type Carry = <T>(request: () => Promise<T>) => Promise<T>

/**
 * What lies between workers and the broker: every request takes a while to arrive and its answer a while to come back, and
 * what is under way arrives also when the one who sent it is dead. While the broker is away, everything waits.
 */
export class Network {
  readonly #time: VirtualTime
  readonly #broker: FakeBroker
  readonly #random: Random
  #awayUntil = 0
  #slow = { until: 0, most: 0 }

  constructor(time: VirtualTime, broker: FakeBroker, random: Random) {
    this.#time = time
    this.#broker = broker
    this.#random = random
  }

  /** Nothing arrives for so long. */
  interrupt(milliseconds: number): void {
    this.#awayUntil = Math.max(this.#awayUntil, this.#time.now() + milliseconds)
  }

  /** For so long, an answer takes up to `most` milliseconds. */
  slow(milliseconds: number, most: number): void {
    this.#slow = { until: this.#time.now() + milliseconds, most }
  }

  /** From here on nothing is in the way. */
  heal(): void {
    this.#awayUntil = 0
    this.#slow = { until: 0, most: 0 }
  }

  /** The broker as one process sees it. */
  brokerFor(process: SimulatedProcess): Broker {
    const carry: Carry = (request) => process.receive(this.#time.as(undefined, () => this.#carried(request)))
    return {
      admin: adminOver(this.#broker.admin, carry),
      transactional: async (id, options) =>
        producerOver(await carry(() => this.#broker.transactional(id, options)), carry, this.#outside),
      producer: () => carry<PlainProducer>(() => this.#broker.producer()),
      reader: async () => this.#readerOver(await carry(() => this.#broker.reader()), carry),
      member: async (options) => {
        const member = await carry(async () => {
          const joined = await this.#broker.member(options)
          process.heart(
            () => joined.fallSilent(),
            () => joined.speak(),
          )
          return joined
        })
        type Handler = Parameters<Member['onAssigned']>[0]
        const own =
          (handler: Handler): Handler =>
          (partitions) =>
            new Promise((resolve, reject) =>
              process.deliver(() => process.run(() => handler(partitions).then(resolve, reject))),
            )
        return {
          ...this.#readerOver(member, carry),
          assignment: () => member.assignment(),
          onRevoked: (handler) => this.#outside(() => member.onRevoked(own(handler))),
          onAssigned: (handler) => this.#outside(() => member.onAssigned(own(handler))),
          report: (positions) => carry(() => member.report(positions)),
        }
      },
      async close() {},
    }
  }

  readonly #outside = <T>(act: () => T): T => this.#time.as(undefined, act)

  async #carried<T>(request: () => Promise<T>): Promise<T> {
    await this.#way(5)
    try {
      return await request()
    } finally {
      await this.#way(this.#time.now() < this.#slow.until ? this.#slow.most : 5)
    }
  }

  async #way(most: number): Promise<void> {
    await this.#time.sleep(this.#random.between(1, most))
    while (this.#time.now() < this.#awayUntil) await this.#time.sleep(this.#awayUntil - this.#time.now())
  }

  /**
   * One client asks one thing at a time, as those on Kafka do: no read is under way while partitions are given or taken,
   * and its positions are those of the last answer that came.
   */
  #readerOver(reader: Reader, carry: Carry): Reader {
    const small = this.#random.chance(0.3)
    const places = new Map<string, { readonly at: TopicPartition; reached: number | undefined }>()
    const placeOf = (at: TopicPartition) => `${at.topic}/${at.partition}`
    let asking: Promise<unknown> = Promise.resolve()
    const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
      const turn = asking.then(ask)
      asking = turn.catch(() => {})
      return turn
    }
    return {
      assign: (positions) =>
        inTurn(async () => {
          await carry(() => reader.assign(positions))
          for (const { topic, partition, offset } of positions)
            places.set(placeOf({ topic, partition }), { at: { topic, partition }, reached: offset })
        }),
      unassign: (partitions) =>
        inTurn(async () => {
          await carry(() => reader.unassign(partitions))
          for (const at of partitions) places.delete(placeOf(at))
        }),
      read: (max, waitMs) =>
        inTurn(async () => {
          const known = [...places.values()]
          const { records, positions } = await carry(async () => {
            const records = await reader.read(small ? this.#random.between(1, 7) : max, waitMs)
            return { records, positions: known.map(({ at }) => reader.position(at)) }
          })
          for (const [index, place] of known.entries()) place.reached = positions[index]
          return records
        }),
      position: (at) => places.get(placeOf(at))?.reached,
      pause: (partitions) => reader.pause(partitions),
      resume: (partitions) => reader.resume(partitions),
      close: () => carry(() => reader.close()),
    }
  }
}

function producerOver(
  producer: TransactionalProducer,
  carry: Carry,
  outside: <T>(act: () => T) => T,
): TransactionalProducer {
  return {
    id: producer.id,
    begin: () => carry(() => producer.begin()),
    send: (record) => outside(() => producer.send(record)),
    commit: () => carry(() => producer.commit()),
    abort: () => carry(() => producer.abort()),
    close: () => carry(() => producer.close()),
  }
}

function adminOver(admin: Admin, carry: Carry): Admin {
  return {
    topics: () => carry(() => admin.topics()),
    ensure: (topics) => carry(() => admin.ensure(topics)),
    remove: (topics) => carry(() => admin.remove(topics)),
    beginnings: (topic) => carry(() => admin.beginnings(topic)),
    committedEnds: (topic) => carry(() => admin.committedEnds(topic)),
    settledEnds: (topic) => carry(() => admin.settledEnds(topic)),
    truncate: (before) => carry(() => admin.truncate(before)),
    groupPositions: (group, topic) => carry(() => admin.groupPositions(group, topic)),
    close: () => carry(() => admin.close()),
  }
}
