import { type AnyTopic, tableOf } from '#engine/schema'

/** What a topic's table can be asked. */
export interface Questions {
  /** As analysts name it; of rows that replace one another, the view of the latest. */
  readonly table: string
  /** Columns that name one row, in the contract's order; empty where its place in Kafka alone does. */
  readonly one: readonly string[]
  /** How long the serving view in Redis keeps a row after it was written; undefined where there is none. */
  readonly servedFor: string | undefined
  /** Columns that name the rows of a key, to be asked over a stretch of `time`; empty where a key has one row. */
  readonly many: readonly string[]
  /** The column of event time. */
  readonly time: string
  /** What makes the two quick in ClickHouse: columns that rows are sorted by. */
  readonly sortedBy: readonly string[]
}

/** The look-ups that the table of a topic answers, from its contract. */
export function questionsOf(topic: AnyTopic): Questions {
  const { id, key, time, kind, serving } = topic.contract.topic
  const { database, name, upserts } = tableOf(topic)
  const isOneRow = id.length > 0 && id.every((field) => key.includes(field))
  return {
    table: `${database}.${name}${upserts ? '_latest' : ''}`,
    one: id,
    servedFor: serving?.ttl,
    many: isOneRow ? [] : key,
    time,
    sortedBy: kind === 'facts' ? [time] : id,
  }
}

/** What the store reads for a question: a stretch of the sort order, or the named columns of every row. */
export type Reach = 'sorted' | 'scan'

/** Of a question that names these columns, and a stretch of time. */
export function reachOf({ sortedBy, time }: Questions, named: readonly string[], withTime: boolean): Reach {
  const [first = ''] = sortedBy
  return named.includes(first) || (withTime && first === time) ? 'sorted' : 'scan'
}
