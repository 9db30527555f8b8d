import type { Broker } from '#engine/broker'
import { CutLog } from '#engine/delivery'
import type { Registry } from '#engine/schema'
import { systemClock } from '#engine/time'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import type { SinkName } from '../../../sinks/index.ts'
import { RedisDestination } from '../../../sinks/redis/index.ts'
import { BronzeArchive, ObjectStore } from '../../../sinks/s3/index.ts'
import type { Platform } from '../../platform.ts'

/** Everything that verification reads. */
export interface Stores {
  readonly broker: Broker
  readonly registry: Registry
  readonly logs: Readonly<Record<SinkName, CutLog>>
  readonly clickhouse: ClickHouseDestination
  readonly redis: RedisDestination
  readonly objects: ObjectStore
  readonly archive: BronzeArchive
  close(): Promise<void>
}

export function openStores({
  broker,
  registry,
  addresses,
}: Pick<Platform, 'broker' | 'registry' | 'addresses'>): Stores {
  const logOf = (sink: SinkName): CutLog => new CutLog({ sink, broker, clock: systemClock })
  const logs = { clickhouse: logOf('clickhouse'), s3: logOf('s3'), redis: logOf('redis') }
  const clickhouse = new ClickHouseDestination({ address: addresses.clickhouse, registry })
  const redis = new RedisDestination({ url: addresses.redis.url, registry })
  const objects = new ObjectStore(addresses.s3)
  return {
    broker,
    registry,
    logs,
    clickhouse,
    redis,
    objects,
    archive: new BronzeArchive(objects),
    async close() {
      await Promise.all([...Object.values(logs), clickhouse, redis].map((one) => one.close()))
      objects.close()
    },
  }
}
