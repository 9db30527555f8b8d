import type { Row, Select } from '../relation.ts'

/** What the API reads from: ClickHouse, or rows in memory where tests say so. */
export interface Store {
  /** In the order of the relation's key. Throws retriable SERVICE_UNAVAILABLE while the store is away. */
  select(select: Select): Promise<readonly Row[]>
  /**
   * What every table and view holds, as a text that is another as soon as anything was written, removed or exchanged; by
   * `database.name`. A table that is not in it does not exist.
   */
  versions(): Promise<ReadonlyMap<string, string>>
}
