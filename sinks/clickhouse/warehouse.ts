import type { ClickHouseClient } from '@clickhouse/client'
import { KappaError } from '#engine/errors'
import { type ClickHouseAddress, connect, translated } from './connect.ts'

/** Statements and questions for whoever makes tables out of tables (marts). Failures are KappaErrors; close it. */
export class ClickHouseWarehouse {
  private readonly client: ClickHouseClient

  /** Throws CONFIG_INVALID for a cluster: tables that are exchanged there are not built. */
  constructor(address: ClickHouseAddress) {
    if (address.cluster !== undefined)
      throw new KappaError(
        'CONFIG_INVALID',
        `making tables of tables on the cluster ${address.cluster.name}: not built`,
      )
    this.client = connect(address, STATEMENT_TIMEOUT_MS)
  }

  async run(statement: string, doing: string): Promise<void> {
    try {
      await this.client.command({ query: statement })
    } catch (thrown) {
      throw told(thrown, doing)
    }
  }

  /** Rows by column name; decimals and 64-bit numbers as text, so that nothing is rounded. */
  async rows(query: string, doing: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    try {
      const answer = await this.client.query({ query, format: 'JSONEachRow', clickhouse_settings: EXACT })
      return await answer.json<Readonly<Record<string, unknown>>>()
    } catch (thrown) {
      throw told(thrown, doing)
    }
  }

  /** Rows in batches, values in the order of the columns: as `rows`, and instants in ISO 8601 (UTC). */
  async *stream(query: string, doing: string): AsyncGenerator<readonly (readonly unknown[])[]> {
    try {
      const answer = await this.client.query({
        query,
        format: 'JSONCompactEachRow',
        clickhouse_settings: {
          ...EXACT,
          date_time_output_format: 'iso',
          output_format_json_quote_denormals: 1,
        },
      })
      for await (const rows of answer.stream<readonly unknown[]>()) yield rows.map((row) => row.json())
    } catch (thrown) {
      throw told(thrown, doing)
    }
  }

  close(): Promise<void> {
    return this.client.close()
  }
}

/** Making a table out of a large one takes its time; half of it is never published. */
const STATEMENT_TIMEOUT_MS = 3_600_000

const EXACT = { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 } as const

/** Here a statement is somebody's SQL, so what the server says of it is the message. */
function told(thrown: unknown, doing: string): Error {
  const error = translated(thrown, doing)
  return error instanceof KappaError ? error : new KappaError('STORE', doing, { cause: error })
}
