import type { ClickHouseClient } from '@clickhouse/client'
import type { KafkaRecord } from '#engine/broker'
import { type Cut, type Destination, type RefusedRow, replayOf } from '#engine/delivery'
import type { AnyTopic, Registry } from '#engine/schema'
import { type ClickHouseAddress, connect } from './connect.ts'
import { Generations } from './generations.ts'
import { insertRows } from './insert.ts'
import { rowsPresent } from './present.ts'
import { RowReader } from './rows.ts'
import { prepareTable, tableFor } from './tables.ts'
import { Tallies } from './tally.ts'
import { type StoredRow, storedRows } from './values.ts'

/**
 * Any ClickHouse, over HTTP. A cut is one block under one deduplication token: sent twice it is there once. A cut that
 * may have been written before is compared with what is there first, so that it is there once even where the server
 * forgot the token (its window has passed, or it was killed before writing the token down).
 */
export class ClickHouseDestination implements Destination {
  readonly name = 'clickhouse'
  readonly generations: Generations
  readonly tallies: Tallies
  private readonly client: ClickHouseClient
  private readonly registry: Registry
  private readonly readers = new Map<string, RowReader>()

  constructor(options: {
    readonly address: ClickHouseAddress
    readonly registry: Registry
    /** Instead of one for the address. */
    readonly client?: ClickHouseClient
  }) {
    this.client = options.client ?? connect(options.address)
    this.registry = options.registry
    this.generations = new Generations(this.client)
    this.tallies = new Tallies(this.client)
  }

  prepare(topic: AnyTopic, replay?: number): Promise<void> {
    return prepareTable(this.client, topic, replay)
  }

  async write(
    topic: AnyTopic,
    cut: Cut,
    records: readonly KafkaRecord[],
    again: boolean,
    confirm: () => Promise<void> = async () => {},
  ): Promise<readonly RefusedRow[]> {
    const table = tableFor(topic, replayOf(topic, cut.topic, cut.generation))
    const { rows, refused } = await this.readerOf(topic).read(records)
    const present = again ? await rowsPresent(this.client, table, cut) : new Set<string>()
    const { client } = this
    const refusedByStore = await insertRows({ client, topic, table, cut, present, confirm }, rows)
    return [...refused, ...refusedByStore]
  }

  /** What is there of a cut, field by field: for `kappa verify --values`. */
  rowsOf(topic: AnyTopic, cut: Cut): Promise<readonly StoredRow[]> {
    return storedRows(this.client, topic, cut)
  }

  close(): Promise<void> {
    return this.client.close()
  }

  private readerOf(topic: AnyTopic): RowReader {
    let reader = this.readers.get(topic.name)
    if (reader === undefined) {
      reader = new RowReader(topic, this.registry)
      this.readers.set(topic.name, reader)
    }
    return reader
  }
}
