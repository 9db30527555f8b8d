import type { ClickHouseClient } from '@clickhouse/client'
import type { Cut, RowSum } from '#engine/delivery'
import type { AnyTopic, Table } from '#engine/schema'
import { translated } from './connect.ts'
import { nameOf, tableFor } from './tables.ts'

export type Positions = Readonly<Record<number, number>>

/** What tables hold, for `kappa verify`: the live ones, or (`place`) those of a generation beside them. */
export class Tallies {
  private readonly client: ClickHouseClient

  constructor(client: ClickHouseClient) {
    this.client = client
  }

  /**
   * Rows that cuts of a generation brought, below the positions.
   * @param since only what was written then or later, milliseconds: a table's TTL may have taken the rest
   */
  ofGeneration(topic: AnyTopic, generation: number, below: Positions, since?: number, place?: number): Promise<RowSum> {
    const table = tableFor(topic, place)
    const kept = since === undefined ? '' : ` AND ${writtenSince(since)}`
    return this.tally(
      table,
      `SELECT toUInt64(count()), toString(sum(_hash)) FROM ${nameOf(table)} WHERE ${brought(topic, generation)} AND (${belowOf(below)})${kept}`,
    )
  }

  /** Rows of one cut, or of other ranges of a generation. */
  ofCut(topic: AnyTopic, cut: Pick<Cut, 'generation' | 'ranges'>, place?: number): Promise<RowSum> {
    const table = tableFor(topic, place)
    const ranges = cut.ranges.map(
      ({ partition, first, last }) => `(_partition = ${partition} AND _offset BETWEEN ${first} AND ${last})`,
    )
    return this.tally(
      table,
      `SELECT toUInt64(count()), toString(sum(_hash)) FROM ${nameOf(table)} WHERE ${brought(topic, cut.generation)} AND (${ranges.join(' OR ')})`,
    )
  }

  /**
   * The latest row of every identity, deleted ones apart: what the `…_latest` view shows.
   * @param since only where that one was written then or later, milliseconds
   */
  ofLatest(topic: AnyTopic, place?: number, since?: number): Promise<RowSum> {
    const table = tableFor(topic, place)
    const kept = since === undefined ? '' : ` WHERE ${writtenSince(since)}`
    return this.tally(table, `SELECT toUInt64(count()), toString(sum(_hash)) FROM ${nameOf(table)} FINAL${kept}`)
  }

  private async tally(table: Table, query: string): Promise<RowSum> {
    try {
      const answer = await this.client.query({ query, format: 'JSONCompactEachRow' })
      const [[rows, hashSum] = ['0', '0']] = await answer.json<[string | number, string]>()
      return { rows: Number(rows), hashSum }
    } catch (thrown) {
      throw translated(thrown, `counting ${nameOf(table)}`)
    }
  }
}

const brought = ({ name }: AnyTopic, generation: number): string => `_topic = '${name}' AND _generation = ${generation}`

const writtenSince = (since: number): string => `_writtenAt >= fromUnixTimestamp64Milli(${Math.trunc(since)})`

function belowOf(positions: Positions): string {
  const parts = Object.entries(positions).map(
    ([partition, offset]) => `(_partition = ${Number(partition)} AND _offset < ${Number(offset)})`,
  )
  return parts.length === 0 ? '0' : parts.join(' OR ')
}
