/** What kind of value a column holds, for filters, documents and formats. */
export type Kind = 'text' | 'boolean' | 'integer' | 'number' | 'decimal' | 'date' | 'instant' | 'json'

/**
 * A column as the API shows it. In JSON: decimals as exact text (`12.34`), instants as ISO 8601 in UTC, dates as
 * `2025-01-31`, whole numbers below 2^53 as numbers; `json`: whatever ClickHouse makes of a composite value.
 */
export interface Column {
  readonly name: string
  readonly kind: Kind
  readonly nullable: boolean
  readonly doc: string
  /** Of a decimal. */
  readonly precision?: number
  readonly scale?: number
}

/** Rows that can be asked for: a mart, or what a query makes of tables of results. */
export interface Relation {
  /** For messages and the cache: unique. */
  readonly name: string
  /** What stands behind FROM. */
  readonly from: string
  /** Personal columns are none of them. */
  readonly columns: readonly Column[]
  /** Columns that identify a row, none of them nullable: pages follow them. */
  readonly key: readonly string[]
  /** Tables and views, `database.name`, whose change makes answers old. */
  readonly tables: readonly string[]
  /** Column that says until when all events are in it, the same in every row of a build. */
  readonly completeUntil?: string
}

/** One comparison of a column; several are joined by AND. `in` takes any number of values, the others one. */
export interface Condition {
  readonly column: string
  readonly is: 'in' | 'least' | 'below' | 'most'
  readonly values: readonly string[]
}

export interface Select {
  readonly relation: Relation
  readonly where: readonly Condition[]
  /** Of all columns of the key. */
  readonly descending: boolean
  /** Values of the key, as rows have them: only rows behind it. */
  readonly after?: readonly (string | number | boolean)[]
  readonly limit: number
}

export type Row = Readonly<Record<string, unknown>>

/** Reads ClickHouse's name of a type, e.g. `Nullable(Decimal(18, 2))`. */
export function columnOf(name: string, type: string, doc: string): Column {
  const low = /^LowCardinality\((.*)\)$/.exec(type)?.[1] ?? type
  const own = /^Nullable\((.*)\)$/.exec(low)?.[1]
  const bare = own ?? low
  const nullable = own !== undefined
  const decimal = /^Decimal\((\d+), (\d+)\)$/.exec(bare)
  if (decimal) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2])]
    return { name, kind: 'decimal', nullable, doc, precision, scale }
  }
  return { name, kind: kindOf(bare), nullable, doc }
}

function kindOf(type: string): Kind {
  if (type === 'Bool') return 'boolean'
  if (/^U?Int(8|16|32|64)$/.test(type)) return 'integer'
  if (/^Float(32|64)$/.test(type)) return 'number'
  if (/^Date(32)?$/.test(type)) return 'date'
  if (/^DateTime(64)?(\(|$)/.test(type)) return 'instant'
  return /^(String|FixedString|UUID|Enum(8|16))(\(|$)/.test(type) ? 'text' : 'json'
}
