import type { Broker, KafkaRecord, PlainProducer, Reader, TopicSpec } from '#engine/broker'
import type { Clock } from '#engine/time'
import { Bell } from './stage/bell.ts'

/** Where workers say that they live and what they run. Only what was said lately counts, so little is kept. */
export const workersTopic: TopicSpec = {
  name: 'kappa.workers.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'compact,delete', 'retention.ms': '3600000', 'segment.ms': '600000' },
}

/** How often a worker says that it lives, and after how much silence others take it for gone. */
const BEAT_MS = 1_000
const GONE_AFTER_MS = 5_000

/** Reads of a fifth of a second after which whoever listens is told again, so that what failed is tried again. */
const ROUNDS = 25

/** What a worker says of itself. */
export interface WorkerEntry {
  /** Unique among the workers of an application. */
  readonly id: string
  readonly app: string
  /** Where it answers queries: `http://host:port`; null where it does not. */
  readonly address: string | null
  /** Consumer group → partition numbers whose tasks it runs; groups that gave it none are there too. */
  readonly groups: Readonly<Record<string, readonly number[]>>
}

/** Who runs what, as workers tell one another by heartbeats. It may be a second old, and is a hint: the group decides. */
export class Roster {
  readonly #clock: Clock
  readonly #reader: Reader
  readonly #producer: PlainProducer
  readonly #onChange: () => void
  readonly #others = new Map<string, { readonly entry: WorkerEntry; readonly seenAt: number }>()
  readonly #stop = new AbortController()
  readonly #bell = new Bell()
  #own: WorkerEntry
  #running: Promise<unknown> = Promise.resolve()

  private constructor(own: WorkerEntry, clock: Clock, reader: Reader, producer: PlainProducer, onChange: () => void) {
    this.#own = own
    this.#clock = clock
    this.#reader = reader
    this.#producer = producer
    this.#onChange = onChange
  }

  static async open(broker: Broker, clock: Clock, own: WorkerEntry, onChange: () => void): Promise<Roster> {
    await broker.admin.ensure([workersTopic])
    const [offset = 0] = await broker.admin.committedEnds(workersTopic.name)
    const producer = await broker.producer()
    const reader = await broker.reader().catch(async (thrown: unknown) => {
      await producer.close()
      throw thrown
    })
    const roster = new Roster(own, clock, reader, producer, onChange)
    await reader.assign([{ topic: workersTopic.name, partition: 0, offset }])
    roster.#running = Promise.all([roster.#beat(), roster.#listen()])
    return roster
  }

  /** Says at once what changed. */
  announce(change: Partial<Pick<WorkerEntry, 'address' | 'groups'>>): void {
    const next = { ...this.#own, ...change }
    if (JSON.stringify(next) === JSON.stringify(this.#own)) return
    this.#own = next
    this.#bell.ring()
  }

  /** Ids of a group's live members, this worker among them, in the order in which the group deals partitions. */
  members(group: string): readonly string[] {
    return [this.#own, ...this.#live()]
      .filter(({ groups }) => groups[group] !== undefined)
      .map(({ id }) => id)
      .sort((a, b) => (a < b ? -1 : 1))
  }

  /** The other worker that runs a group's task, if one said so. */
  ownerOf(group: string, partition: number): WorkerEntry | undefined {
    return this.#live().find(({ groups }) => groups[group]?.includes(partition))
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#bell.ring()
    await this.#running
    await this.#reader.close()
    await this.#write(null).catch(() => {})
    await this.#producer.close()
  }

  #live(): WorkerEntry[] {
    const since = this.#clock.now() - GONE_AFTER_MS
    return [...this.#others.values()].filter(({ seenAt }) => seenAt >= since).map(({ entry }) => entry)
  }

  async #beat(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#write(JSON.stringify(this.#own)).catch(() => {})
      await this.#bell.wait(BEAT_MS)
    }
  }

  async #write(text: string | null): Promise<void> {
    const { app, id } = this.#own
    const value = text === null ? null : Buffer.from(text)
    await this.#producer.send({ topic: workersTopic.name, partition: 0, key: Buffer.from(`${app}/${id}`), value })
    await this.#producer.flush()
  }

  async #listen(): Promise<void> {
    let known = ''
    let rounds = 0
    while (!this.#stop.signal.aborted) {
      try {
        for (const record of await this.#reader.read(1_000, 200)) this.#hear(record)
      } catch {
        // What the reader cannot read now is old when it can.
        await this.#clock.sleep(500, this.#stop.signal)
      }
      const now = JSON.stringify(this.#live().map(({ id, groups }) => [id, groups]))
      if (now !== known || ++rounds % ROUNDS === 0) this.#onChange()
      known = now
    }
  }

  #hear({ key, value }: KafkaRecord): void {
    const name = key?.toString() ?? ''
    const { app, id } = this.#own
    if (!name.startsWith(`${app}/`) || name === `${app}/${id}`) return
    const entry = value === null ? undefined : parsed(value)
    if (entry) this.#others.set(name, { entry, seenAt: this.#clock.now() })
    else this.#others.delete(name)
  }
}

/** Undefined for what is no entry: the topic is shared, and one bad record must not hide the others. */
function parsed(value: Buffer): WorkerEntry | undefined {
  try {
    const entry = JSON.parse(value.toString()) as WorkerEntry
    const sound =
      typeof entry.id === 'string' &&
      typeof entry.groups === 'object' &&
      entry.groups !== null &&
      Object.values(entry.groups).every(Array.isArray)
    return sound ? entry : undefined
  } catch {
    return undefined
  }
}
