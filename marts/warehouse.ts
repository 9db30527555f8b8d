/** One row, columns by name; decimals and 64-bit numbers as text. */
export type WarehouseRow = Readonly<Record<string, unknown>>

/** The database that marts are made in, as `sinks/clickhouse` opens it. Failures are KappaErrors that say what was being done. */
export interface Warehouse {
  run(statement: string, doing: string): Promise<void>
  rows(query: string, doing: string): Promise<readonly WarehouseRow[]>
}

export interface StreamingWarehouse extends Warehouse {
  /** Rows in batches, values in the order of the columns: as `rows`, and instants in ISO 8601 (UTC). */
  stream(query: string, doing: string): AsyncIterable<readonly (readonly unknown[])[]>
}
