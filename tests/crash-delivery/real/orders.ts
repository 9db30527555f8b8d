import type { LaneStatus, LaneStep } from '#engine/delivery'
import type { ClickHouseAddress } from '../../../sinks/clickhouse/connect.ts'
import type { S3Address } from '../../../sinks/s3/index.ts'
import type { StoreName } from '../script.ts'

/** What a sink process is started with. */
export interface Order {
  readonly id: string
  readonly app: string
  readonly store: StoreName
  readonly prefix: string
  readonly brokers: readonly string[]
  readonly fetching: 'lean' | 'librdkafka'
  readonly clickhouse: ClickHouseAddress
  readonly s3: S3Address
  readonly lanes: number
  readonly rows: number
  readonly ageMs: number
}

/** What it is asked while it runs. */
export type Ask =
  | { readonly kind: 'strike'; readonly step: LaneStep; readonly nth: number; readonly stops: boolean }
  | { readonly kind: 'calm' }

/** What it tells by itself: a lane that failed. */
export interface Told {
  readonly failed: LaneStatus
}
