/**
 * A mart is a table of gold that SQL makes from tables of results: one file, which says what it is before it says how it is
 * made. The engine is ClickHouse; what runs the statements is a `Warehouse`.
 */
export interface Mart {
  /** The file's name; the table is `gold.<name>`. */
  readonly name: string
  /** The file's folder: where it stands in the catalogue and in S3. */
  readonly category: Category
  readonly description: string
  /** What one row is. */
  readonly grain: string
  readonly owner: string
  readonly materialized: Materialization
  /** Sorting key of a table; empty for a view. */
  readonly orderBy: readonly string[]
  /** Name of the view that shows the same under English names; absent where the names are English. */
  readonly english?: string
  readonly columns: readonly MartColumn[]
  readonly checks: readonly Check[]
  /** The query alone. */
  readonly sql: string
  /** Marts that it reads, by name. */
  readonly reads: readonly string[]
  /** Tables of results that it reads, `database.table`. */
  readonly sources: readonly string[]
}

export const CATEGORIES = ['dimensions', 'facts', 'kpis', 'analytics'] as const
export type Category = (typeof CATEGORIES)[number]

/** table: rows as of the build, exchanged whole. view: asked anew each time, of what it reads. */
export type Materialization = 'table' | 'view'

export interface MartColumn {
  readonly name: string
  /** ClickHouse's type; a build refuses a query that makes another. */
  readonly type: string
  /** The name itself where it is English. */
  readonly english: string
  readonly doc: string
  /** Holds or stands for something personal. */
  readonly pii: boolean
}

/** What must be so of a mart's rows. `warn`: told, and no reason to refuse a build. */
export type Check = CheckKind & { readonly severity: 'error' | 'warn' }

export type CheckKind =
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'not-null'; readonly column: string }
  | { readonly kind: 'not-empty'; readonly column: string }
  | { readonly kind: 'accepted-values'; readonly column: string; readonly values: readonly string[] }
  | { readonly kind: 'range'; readonly column: string; readonly min?: number; readonly max?: number }
  | { readonly kind: 'matches'; readonly column: string; readonly pattern: string }
  | { readonly kind: 'relationship'; readonly column: string; readonly mart: string; readonly to: string }
  | { readonly kind: 'freshness'; readonly column: string; readonly withinMs: number }
  /** A query of rows that must not be. */
  | { readonly kind: 'rows'; readonly name: string; readonly query: string }

/** The database of every mart. */
export const GOLD = 'gold'
