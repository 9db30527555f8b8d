import { clickhouse, clickhouseIsBuilt } from './clickhouse.ts'
import type { LocalService, ServiceName } from './contract.ts'
import { kafka } from './kafka.ts'
import { redis } from './redis.ts'
import { registry } from './registry.ts'
import { s3 } from './s3.ts'

const services: Record<ServiceName, LocalService> = { kafka, redis, s3, registry, clickhouse }

export const serviceOf = (name: ServiceName): LocalService => services[name]
export { type LocalService, type ServiceName, serviceNames } from './contract.ts'
export { clickhouseIsBuilt }
