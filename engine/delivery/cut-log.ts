import { randomUUID } from 'node:crypto'
import type { Broker, Reader, TopicSpec, TransactionalProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import {
  decodeLaneRecord,
  encodeLaneRecord,
  type LaneKey,
  type LaneRecord,
  laneKeyOf,
  laneKeyText,
} from './lane-record.ts'

/** Every done cut, for ever: what replays plan with and `verify` compares with. */
export const cutHistoryTopic = (sink: string): string => `kappa.cuts.${sink}.v1`
/** The last state of every lane, compacted: what a lane starts from. */
export const cutCurrentTopic = (sink: string): string => `kappa.cuts.${sink}.current.v1`

/** The topics of a sink's cut log. One partition each: a lane finds its last state by reading up to its own mark. */
export const cutTopics = (sink: string): readonly TopicSpec[] => [
  { name: cutHistoryTopic(sink), partitions: 1, settings: { 'cleanup.policy': 'delete', 'retention.ms': '-1' } },
  {
    name: cutCurrentTopic(sink),
    partitions: 1,
    settings: {
      'cleanup.policy': 'compact',
      'segment.ms': '600000',
      'min.cleanable.dirty.ratio': '0.1',
      'delete.retention.ms': '600000',
    },
  },
]

const MARK = 'mark|'
const PATIENCE = 60_000

/**
 * The cut log of one sink: one tail of the compacted topic, shared by all lanes of a process.
 *
 * The topic has one partition and many transactional writers, so its read-committed end may stand *before* a lane's own
 * last record while another lane's transaction is open. Reading "to the end" could therefore miss it. A lane instead
 * commits a mark with its own producer and reads until it meets that mark: everything its predecessors committed is then
 * behind it (`lastOf`).
 */
export class CutLog {
  readonly sink: string
  private readonly broker: Broker
  private readonly clock: Clock
  private readonly states = new Map<string, LaneRecord>()
  /** Marks that a lane of this process waits for; taken out when met. */
  private readonly awaited = new Set<string>()
  private reader: Reader | undefined
  private reading: Promise<void> | undefined

  constructor(options: { readonly sink: string; readonly broker: Broker; readonly clock: Clock }) {
    this.sink = options.sink
    this.broker = options.broker
    this.clock = options.clock
  }

  /** Creates the topics where they are missing. */
  ensure(): Promise<void> {
    return this.broker.admin.ensure(cutTopics(this.sink))
  }

  /** The lane's last state, certainly: `producer` must have been initialised with the lane's id. FENCED by a later owner. */
  async lastOf(key: LaneKey, producer: TransactionalProducer): Promise<LaneRecord | undefined> {
    const mark = randomUUID()
    this.awaited.add(mark)
    try {
      await this.writeMark(key, producer, mark)
      await this.readUpTo(mark)
    } finally {
      this.awaited.delete(mark)
    }
    return this.states.get(laneKeyText(key))
  }

  private async writeMark(key: LaneKey, producer: TransactionalProducer, mark: string): Promise<void> {
    await producer.begin()
    await producer.send({
      topic: cutCurrentTopic(this.sink),
      partition: 0,
      key: Buffer.from(`${MARK}${laneKeyText(key)}`),
      value: Buffer.from(mark),
    })
    await producer.commit()
  }

  private async readUpTo(mark: string): Promise<void> {
    const deadline = this.clock.now() + PATIENCE
    while (this.awaited.has(mark)) {
      if (this.clock.now() > deadline)
        throw new KappaError('BROKER', `reading ${cutCurrentTopic(this.sink)}: no end in ${PATIENCE / 1000} s`, {
          retriable: true,
        })
      await this.readOn(100)
    }
  }

  /** The lane's state as far as it was read: may lag. For status, and to wait while a lane is held. */
  async peek(key: LaneKey): Promise<LaneRecord | undefined> {
    await this.catchUp('committed')
    return this.states.get(laneKeyText(key))
  }

  /** The last states of all lanes of the sink: everything whose commit was acknowledged before the call. */
  async all(): Promise<readonly LaneRecord[]> {
    await this.catchUp('settled')
    return [...this.states.values()]
  }

  /** Queues the lane's new state into the producer's open transaction; a finished cut goes to the history too. */
  async send(producer: TransactionalProducer, record: LaneRecord, finished?: LaneRecord): Promise<void> {
    const key = Buffer.from(laneKeyText(laneKeyOf(record)))
    if (finished !== undefined)
      await producer.send({
        topic: cutHistoryTopic(this.sink),
        partition: 0,
        key: Buffer.from(laneKeyText(laneKeyOf(finished))),
        value: encodeLaneRecord(finished),
      })
    await producer.send({ topic: cutCurrentTopic(this.sink), partition: 0, key, value: encodeLaneRecord(record) })
  }

  /** Every done cut of the sink in the order they were done, read once from the history. */
  async history(take: (record: LaneRecord) => void): Promise<void> {
    const topic = cutHistoryTopic(this.sink)
    if (!(await this.broker.admin.topics()).has(topic)) return
    const [begin = 0] = await this.broker.admin.beginnings(topic)
    const [end = 0] = await this.broker.admin.committedEnds(topic)
    const reader = await this.broker.reader()
    try {
      await reader.assign([{ topic, partition: 0, offset: begin }])
      while ((reader.position({ topic, partition: 0 }) ?? begin) < end)
        for (const { offset, value } of await reader.read(5_000, 200))
          if (value !== null && offset < end) take(decodeLaneRecord(value, `${topic}[0]@${offset}`))
    } finally {
      await reader.close()
    }
  }

  async close(): Promise<void> {
    await this.reading?.catch(() => {})
    await this.reader?.close()
    this.reader = undefined
  }

  private async catchUp(to: 'committed' | 'settled'): Promise<void> {
    const topic = cutCurrentTopic(this.sink)
    const { admin } = this.broker
    if (!(await admin.topics()).has(topic)) return
    const [end = 0] = await (to === 'settled' ? admin.settledEnds(topic) : admin.committedEnds(topic))
    await this.readOn(0)
    while ((this.reader?.position({ topic, partition: 0 }) ?? 0) < end) await this.readOn(100)
  }

  /** One read for however many lanes are waiting. */
  private readOn(waitMs: number): Promise<void> {
    this.reading ??= this.readOnce(waitMs).finally(() => {
      this.reading = undefined
    })
    return this.reading
  }

  private async readOnce(waitMs: number): Promise<void> {
    const topic = cutCurrentTopic(this.sink)
    if (this.reader === undefined) {
      const [offset = 0] = await this.broker.admin.beginnings(topic)
      const reader = await this.broker.reader()
      await reader.assign([{ topic, partition: 0, offset }])
      this.reader = reader
    }
    for (const { key, value, offset } of await this.reader.read(5_000, waitMs)) {
      if (key === null || value === null) continue
      const name = key.toString('utf8')
      if (name.startsWith(MARK)) this.awaited.delete(value.toString('utf8'))
      else this.states.set(name, decodeLaneRecord(value, `${topic}[0]@${offset}`))
    }
  }
}
