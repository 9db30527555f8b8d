import { inputDeadLetterTopic, readAllCheckpoints } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { readArrivals } from '../../../producers/connectors/arrivals.ts'
import { COLLECT, collectedTopics } from '../../../producers/connectors/collect/index.ts'
import { hoursIn } from '../../../producers/connectors/hours.ts'
import { httpSources, sourceName } from '../../../producers/connectors/http/index.ts'
import { polledPages } from '../../../producers/connectors/pages/index.ts'
import { checkpointName, topicsOf } from '../../../producers/connectors/sql/index.ts'
import { pagesSources, sqlSources } from '../../sources.ts'
import { type Counted, Counts, type SourceReport } from './counts.ts'

/** A source without units that end: answers of an API, web pages, beacons, rows of a database. */
export interface StreamSource {
  /** As it stands in the origin of every event. */
  readonly name: string
  readonly topics: readonly AnyTopic[]
}

const streams = (): readonly StreamSource[] => [
  ...[...httpSources, ...pagesSources().map(polledPages)].map((source) => ({
    name: sourceName(source),
    topics: source.topics,
  })),
  { name: COLLECT, topics: [...collectedTopics.values()] },
  ...sqlSources().map((source) => ({ name: checkpointName(source), topics: topicsOf(source) })),
]

/** Those of these names; all where none is given. */
export const streamSources = (names: readonly string[]): readonly StreamSource[] =>
  streams().filter(({ name }) => names.length === 0 || names.includes(name))

/** Counts what a source took, as it wrote down in its transactions (each spool of collect for itself), and what is there. */
export async function reportOfStream({ name, topics }: StreamSource, stores: Counted): Promise<SourceReport> {
  const { broker } = stores
  const all = await readAllCheckpoints(broker, name)
  const own = [...all].filter(([found]) => found === name || (name === COLLECT && found.startsWith(`${COLLECT}-`)))
  if (own.length === 0) return { arrivals: [], unbalanced: [], unfinished: [] }
  const counts = new Counts(
    name,
    own.map(([, checkpoints]) => hoursIn(checkpoints)),
  )
  const there = await broker.admin.topics()
  for (const { name: topic } of topics) {
    if (there.has(topic)) await readArrivals(broker, topic, [], (record, origin) => counts.event(topic, record, origin))
    const dead = inputDeadLetterTopic(topic)
    if (there.has(dead))
      await readArrivals(broker, dead, [], (record, origin) => counts.deadLetter(topic, record, origin))
  }
  return { ...(await counts.report(stores)), unfinished: [] }
}
