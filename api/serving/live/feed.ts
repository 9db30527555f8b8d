import { type Broker, follow, type KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type AnyTopic, type Decoder, type Registry, readable } from '#engine/schema'
import type { Clock } from '#engine/time'

/** A result of a processor, as it was committed. */
export interface LiveResult {
  /** Place in Kafka, `topic/partition/offset`: unique. */
  readonly id: string
  readonly topic: string
  /** The row; null where a result was retracted. */
  readonly value: Readonly<Record<string, unknown>> | null
  readonly key: string
}

export interface LiveFeedOptions {
  readonly broker: Broker
  readonly registry: Registry
  /** None of them may have a personal field: they leave as they are. */
  readonly topics: readonly AnyTopic[]
  readonly clock: Clock
  /** Kafka is away, and then back: told once each. */
  readonly onState?: (text: string) => void
}

/** What is remembered for those who come back with the id of the last result that they saw. */
const REMEMBERED = 2_000
/** Whoever is so far behind is let go, and may come back with their last id. */
const MOST_BEHIND = 5_000

/** Results from now on, read once for everybody who listens. */
export class LiveFeed {
  readonly #options: LiveFeedOptions
  readonly #decoders: ReadonlyMap<string, { readonly topic: AnyTopic; readonly decoder: Decoder<unknown> }>
  readonly #recent: LiveResult[] = []
  readonly #listeners = new Set<(result: LiveResult) => void>()
  #reading = false

  constructor(options: LiveFeedOptions) {
    this.#options = options
    for (const { contract } of options.topics) {
      const personal = contract.fields.find(({ pii }) => pii !== undefined)
      if (personal !== undefined) throw new Error(`${contract.topic.name}.${personal.name} is personal`)
    }
    this.#decoders = new Map(
      options.topics.map((topic) => [topic.name, { topic, decoder: options.registry.decoder(topic) }]),
    )
  }

  /** From now on everything that is committed is heard. */
  get reading(): boolean {
    return this.#reading
  }

  /** Reads until `signal` aborts; a Kafka that is away is tried again. */
  run(signal: AbortSignal): Promise<void> {
    const { broker, topics, clock, onState } = this.#options
    return follow({
      ...{ broker, clock, signal, from: 'end', topics: topics.map(({ name }) => name) },
      take: async (records) => {
        for (const record of records) await this.#publish(record)
      },
      onCaughtUp: () => {
        this.#reading = true
      },
      onState: (away) => onState?.(away === undefined ? 'live results go on' : `live results wait: ${away}`),
    })
  }

  /** Results of the topics, first those behind `lastId` that are remembered; ends when `signal` aborts, or far behind. */
  async *listen(topics: ReadonlySet<string>, lastId: string | undefined, signal: AbortSignal) {
    const waiting: LiveResult[] = []
    let wake = () => {}
    const listener = (result: LiveResult) => {
      if (topics.has(result.topic) && waiting.length <= MOST_BEHIND) waiting.push(result)
      wake()
    }
    const at = lastId === undefined ? -1 : this.#recent.findIndex(({ id }) => id === lastId)
    if (at >= 0) for (const result of this.#recent.slice(at + 1)) listener(result)
    this.#listeners.add(listener)
    const aborted = () => wake()
    signal.addEventListener('abort', aborted, { once: true })
    try {
      while (!signal.aborted && waiting.length <= MOST_BEHIND) {
        yield* waiting.splice(0)
        if (waiting.length > 0 || signal.aborted) continue
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      this.#listeners.delete(listener)
      signal.removeEventListener('abort', aborted)
    }
  }

  async #publish(record: KafkaRecord): Promise<void> {
    const { topic: name, partition, offset, key } = record
    const value = await this.#rowOf(record)
    if (value === undefined) return
    const result = { id: `${name}/${partition}/${offset}`, topic: name, value, key: key?.toString('utf8') ?? '' }
    this.#recent.push(result)
    if (this.#recent.length > REMEMBERED) this.#recent.splice(0, REMEMBERED / 2)
    for (const listener of this.#listeners) listener(result)
  }

  /** Undefined where it cannot be read: sinks keep such records as dead letters. */
  async #rowOf({ topic: name, value }: KafkaRecord): Promise<LiveResult['value'] | undefined> {
    const known = this.#decoders.get(name)
    if (known === undefined || value === null) return value === null ? null : undefined
    const { topic, decoder } = known
    try {
      const id = decoder.idOf(value)
      if (!decoder.knows(id)) await decoder.learn(id)
      return readable(topic)(decoder.decode(value) as Record<string, unknown>)
    } catch (thrown) {
      if (thrown instanceof KappaError && !thrown.retriable) return undefined
      throw thrown
    }
  }
}
