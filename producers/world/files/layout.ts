import type { AnyTopic, Topic } from '#engine/schema'

export type FileFormat = 'csv' | 'json'

/** Events of one topic as rows of a file. */
export interface RowLayout {
  readonly topic: AnyTopic
  /** Cells that are the same in every row of the topic: tell topics apart that share a file. */
  readonly constants: Readonly<Record<string, string>>
  /** Field of the event by column. */
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Files of one kind, as data: good for writing and for reading. Instants are written as `2025-01-31T13:05:06.789Z`,
 * decimals exactly, null as nothing, lists joined by `|`.
 */
export interface FileLayout {
  /** Folder and beginning of the name: `data/raw/crm/orders`. */
  readonly stem: string
  /** `csv` with a header line; `json`: an array, one object a line. */
  readonly format: FileFormat
  /** One file an hour or day, named after it; or one for everything. */
  readonly per: 'period' | 'everything'
  readonly columns: readonly string[]
  readonly rows: readonly RowLayout[]
  /** True where every field of the events is in the file. */
  readonly whole: boolean
}

/** `orderId` as the old systems spell it: `order_id`. */
const snake = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A file that holds every field of one topic, column names in snake case. */
export function wholeFile(stem: string, topic: AnyTopic, per: FileLayout['per'] = 'period'): FileLayout {
  const fields = Object.fromEntries(topic.contract.fields.map(({ name }) => [snake(name), name]))
  return {
    stem,
    format: 'csv',
    per,
    columns: Object.keys(fields),
    rows: [{ topic, constants: {}, fields }],
    whole: true,
  }
}

/** A file of several topics that holds every field of theirs; the column `type` tells them apart. */
export function sharedFile(stem: string, type: string, topics: Readonly<Record<string, AnyTopic>>): FileLayout {
  const rows = Object.entries(topics).map(([value, topic]) => ({
    topic,
    constants: { [type]: value },
    fields: Object.fromEntries(topic.contract.fields.map(({ name }) => [snake(name), name])),
  }))
  const columns = [...new Set([type, ...rows.flatMap(({ fields }) => Object.keys(fields))])]
  return { stem, format: 'csv', per: 'period', columns, rows, whole: true }
}

/** Rows that hold some fields of a topic under names of their own. */
export const someFields = <V>(
  topic: Topic<V>,
  fields: Readonly<Record<string, keyof V & string>>,
  constants: Readonly<Record<string, string>> = {},
): RowLayout => ({ topic: topic as AnyTopic, constants, fields })
