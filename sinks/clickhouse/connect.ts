import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { KappaError } from '#engine/errors'
import type { ClusterLayout } from '#engine/schema'

/** Where ClickHouse's HTTP interface is. */
export interface ClickHouseAddress {
  readonly url: string
  readonly username: string
  readonly password: string
  /** Absent: a single server. */
  readonly cluster?: ClusterLayout | undefined
}

/** A request may take this long; after that its outcome is unknown, and the cut is tried again. */
const REQUEST_TIMEOUT_MS = 120_000

export const connect = (
  { url, username, password }: ClickHouseAddress,
  requestTimeoutMs: number = REQUEST_TIMEOUT_MS,
): ClickHouseClient =>
  createClient({
    url,
    username,
    password,
    application: 'kappa',
    request_timeout: requestTimeoutMs,
    max_open_connections: 16,
    // Every failure is thrown; who catches it says what there is to say.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: { date_time_input_format: 'best_effort' },
  })

/** ClickHouse's codes (src/Common/ErrorCodes.cpp) of states that pass by themselves. */
const PASSING = new Set([
  '159', // TIMEOUT_EXCEEDED
  '164', // READONLY: a replica that has lost its keeper
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '236', // ABORTED
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '243', // NOT_ENOUGH_SPACE
  '252', // TOO_MANY_PARTS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '394', // QUERY_WAS_CANCELLED
  '425', // SYSTEM_ERROR
  '999', // KEEPER_EXCEPTION
])

/** Codes that speak of the rows sent, not of the request. */
const OF_ROWS = new Set([
  '6', // CANNOT_PARSE_TEXT
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '33', // CANNOT_READ_ALL_DATA
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '117', // INCORRECT_DATA
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '407', // DECIMAL_OVERFLOW
  '469', // VIOLATED_CONSTRAINT
])

/** A refusal that may concern single rows: worth finding which. */
export class RowsRefused extends Error {
  override readonly name = 'RowsRefused'
}

/** Anything the client threw, as one of our errors; `RowsRefused` where the rows are to blame. */
export function translated(thrown: unknown, doing: string): Error {
  if (thrown instanceof KappaError || thrown instanceof RowsRefused) return thrown
  if (thrown instanceof ClickHouseError) {
    if (OF_ROWS.has(thrown.code)) return new RowsRefused(firstLine(thrown.message), { cause: thrown })
    const passing = PASSING.has(thrown.code)
    return new KappaError(passing ? 'SERVICE_UNAVAILABLE' : 'STORE', `${doing}: ClickHouse code ${thrown.code}`, {
      cause: thrown,
      retriable: passing,
    })
  }
  const away = isAway(thrown)
  return new KappaError(away ? 'SERVICE_UNAVAILABLE' : 'STORE', doing, { cause: thrown, retriable: away })
}

/** No answer, or a broken connection: the outcome is unknown, and trying again is right. */
function isAway(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const { code } = thrown as { code?: unknown }
  return (
    (typeof code === 'string' && /^(E[A-Z]+|UND_ERR.*|HPE_.*)$/.test(code)) ||
    /timeout|socket hang up|aborted|socket closed/i.test(thrown.message)
  )
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? text).slice(0, 500)
