import kafkajs from 'kafkajs'
import kafka from 'node-rdkafka'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import type { Admin, Position, TopicSpec } from '../contract.ts'
import { type ClusterSettings, clusterSettings, connect, disconnect } from './connect.ts'
import { KeptClient } from './kept-client.ts'
import { type Light, LightClient } from './light-client.ts'
import { readerSettings, watermarks } from './reader.ts'

const CREATION_CHECKS = 200
const CREATION_PAUSE_MS = 50
/** Longer than a transaction whose owner died stays open. */
const SETTLING_CHECKS = 5_000
const SETTLING_PAUSE_MS = 20

type Isolation = 'read_committed' | 'read_uncommitted'

/** Topics, settings and offsets. kafkajs asks; only the read-committed end comes from librdkafka, whose isolation is right. */
export class KafkaAdmin implements Admin {
  readonly #light: LightClient
  readonly #offsets: Readonly<Record<Isolation, KeptClient<kafka.KafkaConsumer>>>
  #counts: ReadonlyMap<string, number> = new Map()

  constructor(cluster: ClusterSettings) {
    this.#light = new LightClient(cluster)
    this.#offsets = {
      read_committed: asking(cluster, 'read_committed'),
      read_uncommitted: asking(cluster, 'read_uncommitted'),
    }
  }

  async topics(): Promise<ReadonlyMap<string, number>> {
    const metadata = await this.#ask('listing topics', (admin) => admin.fetchTopicMetadata())
    this.#counts = new Map(metadata.topics.map((topic) => [topic.name, topic.partitions.length]))
    return this.#counts
  }

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const there = await this.topics()
    const missing = specs.filter((spec) => !there.has(spec.name))
    for (const spec of specs) expectPartitions(spec, there.get(spec.name) ?? spec.partitions)
    if (missing.length > 0) await this.#create(missing)
    const existing = specs.filter((spec) => there.has(spec.name) && Object.keys(spec.settings).length > 0)
    if (existing.length > 0) await this.#alter(existing)
  }

  async remove(topics: readonly string[]): Promise<void> {
    this.#counts = new Map()
    if (topics.length > 0) await this.#ask('deleting topics', (admin) => admin.deleteTopics({ topics: [...topics] }))
  }

  async beginnings(topic: string): Promise<readonly number[]> {
    return (await this.#watermarks(topic)).map((log) => log.beginning)
  }

  async committedEnds(topic: string): Promise<readonly number[]> {
    return (await this.#watermarks(topic)).map((log) => log.end)
  }

  async settledEnds(topic: string): Promise<readonly number[]> {
    const written = (await this.#watermarks(topic, 'read_uncommitted')).map((log) => log.end)
    const open = (ends: readonly number[]) => written.findIndex((end, partition) => (ends[partition] ?? 0) < end)
    let ends = await this.committedEnds(topic)
    for (let check = 0; check < SETTLING_CHECKS && open(ends) >= 0; check++) {
      await systemClock.sleep(SETTLING_PAUSE_MS)
      ends = await this.committedEnds(topic)
    }
    const partition = open(ends)
    if (partition < 0) return ends
    const found = `partition ${partition} has one open since offset ${ends[partition]}`
    const advice = 'kafka-transactions.sh find-hanging tells whose it is, and abort ends it (KIP-664)'
    const text = `waiting for the transactions on ${topic} to end: ${found}; ${advice}`
    throw new KappaError('SERVICE_UNAVAILABLE', text, { retriable: true })
  }

  async truncate(before: readonly Position[]): Promise<void> {
    for (const topic of new Set(before.map((at) => at.topic))) {
      const partitions = before
        .filter((at) => at.topic === topic)
        .map(({ partition, offset }) => ({ partition, offset: String(offset) }))
      await soon(() => this.#ask(`truncating ${topic}`, (admin) => admin.deleteTopicRecords({ topic, partitions })))
    }
  }

  async groupPositions(group: string, topic: string): Promise<readonly number[]> {
    const count = await this.#partitions(topic)
    const fetched = await this.#ask(`asking for the positions of ${group}`, (admin) =>
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    )
    const positions = new Array<number>(count).fill(-1)
    for (const { partition, offset } of fetched[0]?.partitions ?? []) positions[partition] = Number(offset)
    return positions
  }

  async close(): Promise<void> {
    await this.#light.close()
    await Promise.all(Object.values(this.#offsets).map((client) => client.close()))
  }

  /** The topic's partition count; BROKER where there is no such topic. */
  async #partitions(topic: string): Promise<number> {
    const count = this.#counts.get(topic) ?? (await this.topics()).get(topic)
    if (count === undefined) throw new KappaError('BROKER', `asking about ${topic}: there is no such topic`)
    return count
  }

  async #watermarks(
    topic: string,
    isolation: Isolation = 'read_committed',
  ): Promise<{ beginning: number; end: number }[]> {
    const count = await this.#partitions(topic)
    const client = this.#offsets[isolation]
    const opened = client.get()
    const consumer = await opened
    try {
      return await Promise.all(Array.from({ length: count }, (_, partition) => watermarks(consumer, topic, partition)))
    } catch (thrown) {
      // Another question found it broken meanwhile, and closed it.
      const givenUp = !client.holds(opened)
      // librdkafka may never find a broker again that its controller had fenced (decision 0033).
      if (thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE') client.giveUp(opened)
      if (givenUp) throw new KappaError('SERVICE_UNAVAILABLE', 'asking for offsets', { cause: thrown, retriable: true })
      throw thrown
    }
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    const topics = specs.map((spec) => ({
      topic: spec.name,
      numPartitions: spec.partitions,
      configEntries: Object.entries(spec.settings).map(([name, value]) => ({ name, value })),
    }))
    // False where another process was first; what it made is checked.
    // kafkajs gives up at once where metadata does not show the new topics yet, so that we wait for them ourselves.
    await soon(() => this.#ask('creating topics', (admin) => admin.createTopics({ topics, waitForLeaders: false })))
    const names = specs.map((spec) => spec.name)
    const there = await soon(
      () => this.topics(),
      (found) => names.every((name) => found.has(name)),
    )
    for (const spec of specs) expectPartitions(spec, there.get(spec.name))
    await Promise.all(names.map((name) => soon(() => this.#watermarks(name))))
  }

  /** Kafka replaces all settings of a topic at once, so the ones set before are sent again. */
  async #alter(specs: readonly TopicSpec[]): Promise<void> {
    const type = kafkajs.ConfigResourceTypes.TOPIC
    const described = await this.#ask('reading topic settings', (admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: specs.map((spec) => ({ type, name: spec.name })),
      }),
    )
    const resources = specs.flatMap((spec) => {
      const entries = described.resources.find((resource) => resource.resourceName === spec.name)?.configEntries ?? []
      const own = entries.filter((entry) => entry.configSource === kafkajs.ConfigSource.TOPIC_CONFIG)
      const settings = new Map(own.map((entry) => [entry.configName, entry.configValue]))
      const changed = Object.entries(spec.settings).filter(([name, value]) => settings.get(name) !== value)
      for (const [name, value] of changed) settings.set(name, value)
      const configEntries = [...settings].map(([name, value]) => ({ name, value }))
      return changed.length > 0 ? [{ type, name: spec.name, configEntries }] : []
    })
    if (resources.length > 0)
      await this.#ask('changing topic settings', (admin) => admin.alterConfigs({ validateOnly: false, resources }))
  }

  #ask<T>(doing: string, ask: (admin: Light) => Promise<T>): Promise<T> {
    return this.#light.ask(doing, ask)
  }
}

/** Who is asked for offsets: a librdkafka consumer, whose isolation is right. */
const asking = (cluster: ClusterSettings, isolation: Isolation) =>
  new KeptClient(
    async () => {
      const settings = { ...clusterSettings(cluster), ...readerSettings, 'isolation.level': isolation }
      const consumer = new kafka.KafkaConsumer(settings, {})
      await connect(consumer, cluster)
      return consumer
    },
    (consumer) => disconnect(consumer, undefined),
  )

/** A new topic is listed before it is led: asks until the answer is good, for ten seconds, then gives what came last. */
async function soon<T>(ask: () => Promise<T>, good: (answer: T) => boolean = () => true): Promise<T> {
  for (let check = 1; ; check++) {
    try {
      const answer = await ask()
      if (good(answer) || check === CREATION_CHECKS) return answer
    } catch (thrown) {
      if (!(thrown instanceof KappaError && thrown.retriable) || check === CREATION_CHECKS) throw thrown
    }
    await systemClock.sleep(CREATION_PAUSE_MS)
  }
}

function expectPartitions(spec: TopicSpec, count: number | undefined): void {
  if (count === spec.partitions) return
  const difference = `it has ${count ?? 'no'} partitions, ${spec.partitions} are wanted`
  throw new KappaError(
    'STATE_MISMATCH',
    `creating ${spec.name}: ${difference}; keys would move, so start a new topic or generation`,
  )
}
