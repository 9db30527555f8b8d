import { type AnyTopic, tableOf } from '#engine/schema'
import { topics } from '#schemas'

/** A table that sinks fill, as marts may read it. */
export interface Source {
  readonly topic: string
  /** Fields that hold or stand for something personal. */
  readonly personal: readonly string[]
  /** Personal fields are sealed there: no mart reads it. */
  readonly sealed: boolean
}

/** Every table of results and its `…_latest` view, by `database.table`. */
export const sources: ReadonlyMap<string, Source> = new Map(topics.flatMap(entriesOf))

/** Their databases. */
export const databases: ReadonlySet<string> = new Set([...sources.keys()].map((name) => name.split('.')[0] ?? ''))

function entriesOf(topic: AnyTopic): readonly (readonly [string, Source])[] {
  const { database, name, upserts } = tableOf(topic)
  const { fields } = topic.contract
  const source: Source = {
    topic: topic.name,
    personal: fields.flatMap((field) => (field.pii ? [field.name] : [])),
    sealed: fields.some((field) => field.pii?.sealed === true),
  }
  const names = upserts ? [`${database}.${name}`, `${database}.${name}_latest`] : [`${database}.${name}`]
  return names.map((table) => [table, source] as const)
}
