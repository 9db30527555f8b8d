import type { Admin, Broker, KafkaRecord, Position } from '#engine/broker'
import { type Clock, systemClock } from '#engine/time'

export type { CommitFault } from './clients.ts'

import { type CommitFault, FakePlainProducer, FakeReader, FakeTransactionalProducer } from './clients.ts'
import { FakeCluster } from './cluster.ts'
import { FakeGroup, FakeMember } from './membership.ts'

export interface FakeBroker extends Broker {
  member(options: Parameters<Broker['member']>[0]): Promise<FakeMember>
  /** Every open transaction is aborted and its owner fenced, as when their time is up; how many there were. */
  expireTransactions(): number
  /** The next commits end so, one each: of producers whose id contains `of`, or of any. */
  failNextCommits(faults: readonly CommitFault[], of?: string): void
  /** Every committed record of a topic, by partition and offset. */
  committed(topic: string): KafkaRecord[]
  /** Positions of a group, as one of its members would report them. */
  report(group: string, positions: readonly Position[]): void
  /** Clients that were opened and not closed. */
  openClients(): number
  /** Writes one record as a producer without transactions would, at a timestamp of the test's choosing. */
  write(record: Parameters<FakePlainProducer['send']>[0], timestamp?: number): void
}

export interface FakeOptions {
  readonly clock?: Clock
  readonly seed?: number
  /** Commits are acknowledged a moment before their markers are written, as Kafka's may be. */
  readonly lateMarkers?: boolean
  /** Open transactions are aborted, and their owners fenced, after the producer's `timeoutMs` (10 s); by default never. */
  readonly transactionTimeouts?: boolean
}

const SESSION_MS = 6_000
/** As of a real broker's clients (engine/broker). */
const TRANSACTION_MS = 10_000

/**
 * Kafka in memory: fences by transactional id, aborts, hides open and aborted transactions, and interleaves partitions as
 * `seed` says. Passes the same contract suite as the real one.
 */
export function fakeBroker(options: FakeOptions = {}): FakeBroker {
  const cluster = new FakeCluster(options.clock ?? systemClock, options.lateMarkers === true)
  const groups = new Map<string, FakeGroup>()
  const pick = picker(options.seed ?? 1)
  const faults: { how: CommitFault; of: string }[] = []
  let open = 0
  const counted = <T extends { close(): Promise<void> }>(client: T): T => {
    open++
    const close = client.close.bind(client)
    let closed = false
    client.close = async () => {
      if (!closed) open--
      closed = true
      await close()
    }
    return client
  }
  const faultFor = (id: string): CommitFault | undefined => {
    const index = faults.findIndex((fault) => id.includes(fault.of))
    return index === -1 ? undefined : faults.splice(index, 1)[0]?.how
  }
  return {
    admin: fakeAdmin(cluster),
    transactional: async (id, { timeoutMs } = {}) => {
      const limit = options.transactionTimeouts === true ? (timeoutMs ?? TRANSACTION_MS) : undefined
      return counted(new FakeTransactionalProducer(cluster, id, () => faultFor(id), limit))
    },
    producer: async () => counted(new FakePlainProducer(cluster)),
    reader: async () => counted(new FakeReader(cluster, pick)),
    async member({ group, topics, id = '', sessionTimeoutMs = SESSION_MS }) {
      for (const topic of topics) cluster.logsOf(topic)
      const members = groups.get(group) ?? new FakeGroup(cluster)
      groups.set(group, members)
      return counted(new FakeMember({ cluster, group: members, name: group, topics, id, pick, sessionTimeoutMs }))
    },
    async close() {},
    failNextCommits(how, of = '') {
      faults.push(...how.map((fault) => ({ how: fault, of })))
    },
    committed: (topic) =>
      cluster
        .settled()
        .logsOf(topic)
        .flatMap((log) => log.read(log.beginning, Infinity).records),
    expireTransactions: () => cluster.expireAll(),
    report: (group, positions) => cluster.report(group, positions),
    openClients: () => open,
    write(record, timestamp) {
      cluster.place(record).append(record, timestamp ?? cluster.clock.now(), undefined)
      cluster.wake()
    },
  }
}

function fakeAdmin(cluster: FakeCluster): Admin {
  return {
    topics: async () => new Map([...cluster.topics].map(([name, logs]) => [name, logs.length])),
    async ensure(specs) {
      for (const spec of specs) cluster.create(spec)
    },
    async remove(topics) {
      for (const topic of topics) cluster.topics.delete(topic)
    },
    beginnings: async (topic) => cluster.logsOf(topic).map((log) => log.beginning),
    committedEnds: async (topic) => cluster.logsOf(topic).map((log) => log.committedEnd),
    async settledEnds(topic) {
      const written = cluster.logsOf(topic).map((log) => log.end)
      while (cluster.logsOf(topic).some((log, partition) => log.committedEnd < (written[partition] ?? 0)))
        await cluster.news(10)
      return cluster.logsOf(topic).map((log) => log.committedEnd)
    },
    async truncate(before) {
      for (const at of before) cluster.logOf(at).truncate(at.offset)
    },
    groupPositions: async (group, topic) =>
      cluster.groupPositions.get(group)?.get(topic) ?? cluster.logsOf(topic).map(() => -1),
    async close() {},
  }
}

/** A small seeded generator (mulberry32): the same seed interleaves the same way. */
export function picker(seed: number): (count: number) => number {
  let state = seed >>> 0
  return (count) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * count)
  }
}
