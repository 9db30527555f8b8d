import type { CutLimits, Destination } from '#engine/delivery'
import type { AnyTopic, Registry } from '#engine/schema'
import { type ClickHouseAddress, ClickHouseDestination } from './clickhouse/index.ts'
import { RedisDestination } from './redis/index.ts'
import { routes } from './routes.ts'
import { type S3Address, S3Destination } from './s3/index.ts'

export { type Route, routes } from './routes.ts'

export const sinkNames = ['clickhouse', 's3', 'redis'] as const
export type SinkName = (typeof sinkNames)[number]

/** A sink as the routes make it: where it writes, what, and in cuts of which size. */
export interface RoutedSink {
  readonly destination: Destination
  readonly topics: readonly AnyTopic[]
  readonly limits: CutLimits
}

export interface SinkServices {
  readonly addresses: {
    readonly clickhouse: ClickHouseAddress
    readonly s3: S3Address
    readonly redis: { readonly url: string }
  }
  readonly registry: Registry
}

/** An insert of this size is still one block, and waits no longer than a dashboard refreshes. */
const CLICKHOUSE_LIMITS: CutLimits = { rows: 50_000, bytes: 32 * 1024 * 1024, ageMs: 500 }
/** Objects of a size that readers like; rows are bounded too, because a cut is held in memory whole. */
const S3_LIMITS: CutLimits = { rows: 200_000, bytes: 64 * 1024 * 1024, ageMs: 60_000 }
/** What is asked for next is what came last: cuts are small. */
const REDIS_LIMITS: CutLimits = { rows: 5_000, bytes: 4 * 1024 * 1024, ageMs: 200 }

const silverByTopic = new Map(routes.map(({ topic, silver }) => [topic.name, silver]))

/** Topics whose contract asks for a serving view. */
export const servedTopics: readonly AnyTopic[] = routes.flatMap(({ topic }) =>
  topic.contract.topic.serving === undefined ? [] : [topic],
)

export function sinkOf(name: SinkName, { addresses, registry }: SinkServices): RoutedSink {
  if (name === 'clickhouse')
    return {
      destination: new ClickHouseDestination({ address: addresses.clickhouse, registry }),
      topics: routes.flatMap(({ topic, clickhouse }) => (clickhouse ? [topic] : [])),
      limits: CLICKHOUSE_LIMITS,
    }
  if (name === 'redis')
    return {
      destination: new RedisDestination({ url: addresses.redis.url, registry }),
      topics: servedTopics,
      limits: REDIS_LIMITS,
    }
  return {
    destination: new S3Destination({
      address: addresses.s3,
      registry,
      silverOf: (topic) => silverByTopic.get(topic.name),
    }),
    topics: routes.map(({ topic }) => topic),
    limits: S3_LIMITS,
  }
}
