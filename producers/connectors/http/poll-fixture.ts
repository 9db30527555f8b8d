import { memoryRegistry } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { catalogueItems, delays, positions, reports, schedules } from '#schemas'
import { originOf } from '../origin.ts'
import { httpSource, type PollOptions, pollHttp } from './index.ts'
import type { Answer, Asked } from './server-fixture.ts'

export const ALL = [catalogueItems, delays, positions, reports, schedules]

export async function platform() {
  const [broker, registry] = [fakeBroker(), memoryRegistry()]
  for (const topic of ALL) await registry.register(topic)
  await broker.admin.ensure(ALL.map(({ name }) => ({ name, partitions: 2, settings: {} })))
  return { broker, registry, app: 'test' }
}

export type Platform = Awaited<ReturnType<typeof platform>>

/** Sleeps are short. */
export const clock = {
  now: systemClock.now,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 5), signal),
}

export const once = (name: string, url: string, on: Platform, change: Partial<PollOptions> = {}) => {
  const source = httpSource(name)
  return pollHttp({
    ...{ source, ...on, once: true, intervalMs: 60_000, perMinute: 100_000, timeoutMs: 5_000, clock, key: 'secret' },
    targets: source.targets({ baseUrl: url, places: name === 'current-weather' ? [{ code: 'CDG' }] : [], pageSize: 2 }),
    ...change,
  })
}

export const values = (broker: FakeBroker, topic: (typeof ALL)[number]) =>
  broker
    .committed(topic.name)
    .map(({ value }) => topic.decode((value as Buffer).subarray(5)) as object as Record<string, unknown>)

export const letters = (broker: FakeBroker, topic: string) =>
  broker.committed(`${topic}.dead-letter`).map(({ headers = {}, value }) => ({
    reason: String(headers['kappa.reason']),
    at: `${headers['kappa.file']}:${headers['kappa.line']}`,
    origin: originOf(String(headers['kappa.origin'])),
    value: String(value),
  }))

export const pages =
  (...all: readonly unknown[][]) =>
  ({ url }: Asked): Answer => {
    const page = Number(url.searchParams.get('page') ?? '1')
    const next = page < all.length ? { next: `/products?page=${page + 1}` } : {}
    return { body: { items: all[page - 1], ...next }, headers: { etag: `"${JSON.stringify(all[page - 1]).length}"` } }
  }
