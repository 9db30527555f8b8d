import { type AnyTopic, tableOf } from '#engine/schema'

/**
 * Columns that say how a row came and not what it says: its place in Kafka, the cut, the hash of the raw record (sealing
 * draws nonces, positions are in it), the order of versions. Every other column is compared.
 */
export const PROVENANCE = [
  '_topic',
  '_partition',
  '_offset',
  '_generation',
  '_writtenAt',
  '_hash',
  '_version',
  '_deleted',
] as const

/** Rows of a table, and sums of hashes over them, in no order: equal tables have equal ones. */
export interface TableSums {
  readonly rows: number
  /** Two hashes of every row whole, by different functions: one summed up, one by exclusive or. */
  readonly whole: readonly [string, string]
  /** A hash of every cell, summed up by column: names the columns in which tables differ. */
  readonly columns: Readonly<Record<string, string>>
}

/** What is asked of a table; of upserts their latest rows. */
export function sumsQuery(topic: AnyTopic): string {
  const { database, name, upserts, fields } = tableOf(topic)
  const cells = fields.map((field) => `\`${field.name}\``)
  const row = `toString(tuple(${cells.join(', ')}))`
  return `SELECT toString(count()), toString(sum(cityHash64(${row}))), toString(groupBitXor(sipHash64(${row}))),
    ${cells.map((cell) => `toString(sum(cityHash64(toString(tuple(${cell})))))`).join(',\n    ')}
    FROM \`${database}\`.\`${name}${upserts ? '_latest' : ''}\``
}

/** The answer to `sumsQuery`. */
export function sumsOf(topic: AnyTopic, [rows, sum, xor, ...cells]: readonly string[]): TableSums {
  const names = tableOf(topic).fields.map(({ name }) => name)
  return {
    rows: Number(rows),
    whole: [sum ?? '', xor ?? ''],
    columns: Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])),
  }
}

/** How two states of a table differ, in words; undefined where they are equal. */
export function differenceOf(one: TableSums | undefined, other: TableSums | undefined): string | undefined {
  if (one === undefined || other === undefined) return 'is there on one way alone'
  if (one.rows !== other.rows) return `${one.rows} rows and ${other.rows}`
  const columns = Object.keys(one.columns).filter((name) => one.columns[name] !== other.columns[name])
  if (columns.length > 0) return `differs in ${columns.join(', ')}`
  return one.whole.join() === other.whole.join() ? undefined : 'has the same cells in other rows'
}
