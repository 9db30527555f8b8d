import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { memoryRegistry, type Registry, type Topic, topic } from '#engine/schema'
import { clicks, purchases } from '#schemas'

/** Results of the benchmark's queries. Unlike the platform's own topics these have no generated code: nothing else reads them. */
interface Total {
  readonly windowStart: number
  readonly windowEnd: number
  readonly events: number
  readonly revenue: bigint
}
export type CountryTotal = Total & { readonly country: string }
export type VisitorTotal = Total & { readonly visitorId: string }
export interface Masked {
  readonly eventId: string
  readonly visitorId: string
  readonly country: string
  readonly amount: bigint
  readonly network: string
  readonly initial: string
  readonly occurredAt: number
}
export interface Distinct {
  readonly eventId: string
  readonly visitorId: string
  readonly orderId: string
  readonly amount: bigint
  readonly occurredAt: number
}
export interface Pair {
  readonly visitorId: string
  readonly purchaseId: string
  readonly clickId: string
  readonly amount: bigint
  readonly occurredAt: number
}

const read = <V>(name: string): Topic<V> =>
  topic<V>(JSON.parse(readFileSync(new URL(`schemas/${name}.avsc`, import.meta.url), 'utf8')))

export const countryPerMinute = read<CountryTotal>('country-per-minute')
export const userPerMinute = read<VisitorTotal>('user-per-minute')
export const sessions = read<VisitorTotal>('sessions')
export const masked = read<Masked>('masked')
export const pairs = read<Pair>('pairs')
export const distinct = read<Distinct>('distinct')

/** Where the peers' programs find the contracts of the sources. */
export const schemaFiles = {
  purchases: fileURLToPath(new URL('../schemas/shop/purchases.avsc', import.meta.url)),
  clicks: fileURLToPath(new URL('../schemas/shop/clicks.avsc', import.meta.url)),
}

/** A registry in which every topic has the same id in every process: all are registered in one order. */
export async function benchRegistry(): Promise<Registry> {
  const registry = memoryRegistry()
  for (const one of [purchases, clicks, countryPerMinute, userPerMinute, sessions, masked, pairs, distinct])
    await registry.register(one)
  return registry
}
