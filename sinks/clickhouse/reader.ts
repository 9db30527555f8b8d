import type { ClickHouseClient } from '@clickhouse/client'
import { KappaError } from '#engine/errors'
import { type ClickHouseAddress, connect, translated } from './connect.ts'

/** A question of the API that takes longer is given up. */
const QUESTION_TIMEOUT_MS = 15_000

/** Questions of one page each, asked by a user who may only read: for the API. Close it. */
export class ClickHouseReader {
  readonly #client: ClickHouseClient

  constructor(address: ClickHouseAddress) {
    this.#client = connect(address, QUESTION_TIMEOUT_MS)
  }

  /**
   * Rows by column name: decimals as exact text, instants in ISO 8601 (UTC), whole numbers as numbers. Parameters are bound
   * by the server. Throws SERVICE_UNAVAILABLE (retriable) while ClickHouse is away, STORE for any other answer.
   */
  async rows(
    query: string,
    parameters: Readonly<Record<string, unknown>>,
    doing: string,
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    try {
      const answer = await this.#client.query({
        query,
        query_params: { ...parameters },
        format: 'JSONEachRow',
        clickhouse_settings: {
          output_format_json_quote_decimals: 1,
          output_format_json_quote_64bit_integers: 0,
          output_format_decimal_trailing_zeros: 1,
          date_time_output_format: 'iso',
          max_execution_time: QUESTION_TIMEOUT_MS / 1_000,
        },
      })
      return await answer.json<Readonly<Record<string, unknown>>>()
    } catch (thrown) {
      const error = translated(thrown, doing)
      throw error instanceof KappaError ? error : new KappaError('STORE', doing, { cause: error })
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
