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

/** Follows `kappa.imports.v1` from its beginning until closed; `onNews` is called after each batch of completions. */
export async function followImports(
  broker: Broker,
  clock: Clock,
  completions: Completions,
  onNews: () => void,
): Promise<{ close(): Promise<void> }> {
  await broker.admin.ensure([importsTopic])
  const [offset = 0] = await broker.admin.beginnings(importsTopic.name)
  const reader = await broker.reader()
  await reader.assign([{ topic: importsTopic.name, partition: 0, offset }])
  const stop = new AbortController()
  const following = follow(reader, clock, completions, onNews, stop.signal)
  return {
    async close() {
      stop.abort()
      await following
      await reader.close()
    },
  }
}

async function follow(
  reader: Reader,
  clock: Clock,
  completions: Completions,
  onNews: () => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const records = await reader.read(1_000, 250).catch(() => [])
    if (records.length === 0) {
      await clock.sleep(50, signal)
      continue
    }
    for (const { offset, value } of records) {
      const completion = value && parsed(offset, value)
      if (completion) completions.add(completion)
    }
    onNews()
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
