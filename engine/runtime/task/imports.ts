import type { Broker, Reader, TopicSpec } from '#engine/broker'
import type { Clock } from '#engine/time'

/** Where importers say that they are done; the same topic that `engine/ingest` writes. */
export const importsTopic: TopicSpec = {
  name: 'kappa.imports.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
}

/** An import's last word on one partition: it writes nothing at or after `endOffset`. */
export interface Completion {
  /** Offset of the completion itself: its identity. */
  readonly id: number
  readonly topic: string
  readonly partition: number
  readonly endOffset: number
  /** Largest event time of the import; null where it has no event. */
  readonly throughTime: number | null
}

/** Completions known so far; every task asks for those of its inputs. */
export class Completions {
  readonly #byPlace = new Map<string, Completion[]>()

  add(completion: Completion): void {
    const key = `${completion.topic}/${completion.partition}`
    const list = this.#byPlace.get(key) ?? []
    this.#byPlace.set(key, list)
    list.push(completion)
  }

  /** In the order in which they were written. */
  of(topic: string, partition: number): readonly Completion[] {
    return this.#byPlace.get(`${topic}/${partition}`) ?? []
  }
}

/** Reads `kappa.imports.v1` from its beginning into `completions`. */
export class ImportsReader {
  readonly #reader: Reader
  readonly #completions: Completions

  private constructor(reader: Reader, completions: Completions) {
    this.#reader = reader
    this.#completions = completions
  }

  static async open(broker: Broker, completions: Completions): Promise<ImportsReader> {
    await broker.admin.ensure([importsTopic])
    const [offset = 0] = await broker.admin.beginnings(importsTopic.name)
    const reader = await broker.reader()
    await reader.assign([{ topic: importsTopic.name, partition: 0, offset }])
    return new ImportsReader(reader, completions)
  }

  /** Takes what has come, waiting at most `waitMs` for it; true where there was a completion. */
  async poll(waitMs: number): Promise<boolean> {
    let news = false
    for (const { offset, value } of await this.#reader.read(1_000, waitMs)) {
      const completion = value && parsed(offset, value)
      if (completion) this.#completions.add(completion)
      news ||= Boolean(completion)
    }
    return news
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}

/** Follows completions until closed; `onNews` is called after each batch of them. */
export async function followImports(
  broker: Broker,
  clock: Clock,
  completions: Completions,
  onNews: () => void,
): Promise<{ close(): Promise<void> }> {
  const reader = await ImportsReader.open(broker, completions)
  const stop = new AbortController()
  const following = (async () => {
    while (!stop.signal.aborted) {
      // A broker that is away is reported by the tasks; here it only means that there is no news.
      if (await reader.poll(250).catch(() => clock.sleep(500, stop.signal).then(() => false))) onNews()
    }
  })()
  return {
    async close() {
      stop.abort()
      await following
      await reader.close()
    },
  }
}

/** Undefined for a record that is no completion: the topic is shared, and one bad record must not stop every processor. */
function parsed(id: number, value: Buffer): Completion | undefined {
  try {
    const { topic, partition, endOffset, throughTime } = JSON.parse(value.toString()) as Record<string, unknown>
    const sound =
      typeof topic === 'string' &&
      Number.isSafeInteger(partition) &&
      Number.isSafeInteger(endOffset) &&
      (throughTime === null || Number.isSafeInteger(throughTime))
    return sound ? ({ id, topic, partition, endOffset, throughTime } as Completion) : undefined
  } catch {
    return undefined
  }
}
