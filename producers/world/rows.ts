import type { ImportSource, SourceRow } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { domains as all, type Domain } from './domains/index.ts'
import type { WorldEvent } from './event.ts'
import { eventsOf } from './history.ts'
import { type BatchOptions, batchName, worldHash } from './options.ts'
import { World } from './world.ts'

/** Rows a transaction. */
const BATCH = 10_000

/** The domains of a command: one by its name, or all. */
export const domainsOf = (name: string): readonly Domain[] =>
  name === 'all' ? all : all.filter((domain) => domain.name === name)

export const topicsOf = (domains: readonly Domain[]): readonly AnyTopic[] => domains.flatMap(({ topics }) => topics)

/** Events as rows to publish; `before` were published already. Shown to people where a row is refused. */
export const rowsOf = (events: readonly WorldEvent[], seed: number, before: number): SourceRow[] =>
  events.map(({ topic, value }, i) => ({
    topic,
    value,
    place: { file: `world of seed ${seed}`, line: before + i + 1 },
  }))

/** A batch as a bounded import: the same rows in the same order however often it is asked for, so that it can be resumed. */
export interface WorldImport {
  readonly importId: string
  readonly name: string
  readonly source: ImportSource
  readonly topics: readonly AnyTopic[]
  rows(after: number): AsyncGenerator<readonly SourceRow[]>
}

/** `what` is the name of a domain, or `all`. Rows of an earlier run are made again and passed over: the world remembers nothing. */
export function worldImport(what: string, options: BatchOptions): WorldImport {
  const domains = domainsOf(what)
  const { settings } = options
  return {
    importId: batchName(what, options),
    name: `world-${what}`,
    source: { name: `world of seed ${settings.seed}`, sha256: worldHash(settings) },
    topics: topicsOf(domains),
    async *rows(after) {
      const world = new World(settings)
      let taken = 0
      let batch: WorldEvent[] = []
      for (const events of eventsOf(world, { ...options, domains }))
        for (const event of events) {
          if (taken++ < after) continue
          batch.push(event)
          if (batch.length < BATCH) continue
          yield rowsOf(batch, settings.seed, taken - BATCH)
          batch = []
        }
      if (batch.length > 0) yield rowsOf(batch, settings.seed, taken - batch.length)
    },
  }
}
