import type { AnyTopic } from '#engine/schema'

/** A cell as the database writes it in text, bytes for binary columns. */
export type Cell = string | Buffer | null

/** What a column holds, whatever the database calls it. */
export type ColumnKind =
  | 'integer'
  | 'decimal'
  /** A binary fraction; `single` where it has 24 bits of it. */
  | 'single'
  | 'double'
  | 'text'
  | 'bytes'
  | 'boolean'
  | 'uuid'
  | 'date'
  | 'time'
  /** A moment, whatever zone the session is in. */
  | 'instant'
  /** What a clock on a wall showed. */
  | 'local-timestamp'
  /** Anything else, as its text. */
  | 'other'

export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** The database's own name for it, in messages. */
  readonly type: string
  readonly nullable: boolean
  /** Digits behind the second. */
  readonly fraction: number
}

export type Kind = 'mariadb' | 'mysql' | 'postgresql'

/** How new and changed rows are found. */
export interface Mark {
  /** Rises with every change (`updated-at`), or with every new row (`id`). */
  readonly kind: 'updated-at' | 'id'
  readonly column: string
}

/** One table and what its rows become. */
export interface SqlTable {
  /** As the source names it, with its schema where that is not the usual one. */
  readonly name: string
  readonly topic: AnyTopic
  readonly key: readonly string[]
  readonly mark: Mark
  /** Milliseconds between two comparisons of keys; undefined: deletions are not looked for. */
  readonly sweepEveryMs: number | undefined
  /** The column of each field. */
  readonly columns: Readonly<Record<string, string>>
  /** Fields whose column is not said but follows from their name: where they may be null, it need not be there. */
  readonly usual: readonly string[]
  /** Fields that are the same in every row, as text. */
  readonly set: Readonly<Record<string, string>>
  /** Fields made of several columns: `{order_id}-{line}`. */
  readonly join: Readonly<Record<string, string>>
  /** Fields that may lose the digits of seconds that their contract does not have. */
  readonly truncate: readonly string[]
}

export interface SqlSource {
  readonly name: string
  readonly doc: string
  readonly kind: Kind
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly tls: 'on' | 'off'
  /** PEM file of the authorities that vouch for the server, where they are not those of the machine. */
  readonly caFile: string | undefined
  /** What columns without a zone mean. */
  readonly timeZone: string
  readonly pollEveryMs: number
  /** How far behind the database's clock is read at least. */
  readonly lagMs: number
  /** How long an open transaction is waited for at most. */
  readonly longestTransactionMs: number
  /** Rows a transaction. */
  readonly batch: number
  readonly tables: readonly SqlTable[]
}

/** Where a page of rows begins: behind the row with these values, or at the first. */
export interface After {
  readonly columns: readonly Column[]
  readonly values: readonly string[]
}

export interface PageQuery {
  readonly table: string
  readonly select: readonly Column[]
  readonly orderBy: readonly Column[]
  readonly after: After | undefined
  /** Only rows whose column is below (`below`) or at most (`through`) this. */
  readonly bound?: { readonly column: Column; readonly kind: 'below' | 'through'; readonly value: string } | undefined
  readonly limit: number
}

/**
 * One connection. Its session is in UTC and answers in text. Throws retriable SERVICE_UNAVAILABLE where the server is away,
 * CONFIG_INVALID where it refuses the account, STORE for any other answer.
 */
export interface Database {
  /** In the table's order; empty where there is no such table. */
  columns(table: string): Promise<readonly Column[]>
  /**
   * A moment, as UTC text with microseconds, before which nothing will appear any more: so far behind the server's clock,
   * and before the start of every transaction in flight that the account may see, but for those that are longer than waited for.
   */
  settledAt(lagMs: number, longestMs: number): Promise<string>
  /** The server's clock, in the same text. */
  now(): Promise<string>
  /** The largest value of a column; null where the table is empty. */
  largest(table: string, column: Column): Promise<string | null>
  /** How many rows have no value in a column; counted up to a thousand. */
  without(table: string, column: Column): Promise<number>
  page(query: PageQuery): Promise<readonly (readonly Cell[])[]>
  close(): Promise<void>
}
