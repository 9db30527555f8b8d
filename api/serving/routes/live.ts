import { z } from 'zod'
import type { AnyTopic } from '#engine/schema'
import type { LiveFeed } from '../live/feed.ts'
import type { StreamRoute } from '../route.ts'
import { shortName } from './results.ts'

/** `/live`: results of processors as they are committed. */
export function liveRoute(feed: LiveFeed, topics: readonly AnyTopic[]): StreamRoute {
  const names = topics.map(({ name }) => shortName(name))
  const one = z.enum(names, `is none of ${names.join(', ')}`)
  const country = z.string().regex(/^[A-Z]{2}$/, 'is not a code of two letters, like FR')
  const list = <T extends z.ZodType>(schema: T) =>
    z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(schema).min(1))
  return {
    path: '/live',
    tag: 'Live',
    summary: 'Results of processors as they are committed',
    description: [
      `Server-sent events from now on, named ${names.map((name) => `\`${name}\``).join(', ')}; the data are the row, as in ClickHouse, or null where a result was retracted.`,
      'A client that comes back with `Last-Event-ID` gets what it missed, as far as that is remembered (2,000 results).',
      'Rows of one window may come several times, each later one in place of the earlier.',
    ].join(' '),
    scope: 'live',
    kind: 'stream',
    parts: z.strictObject({}),
    query: z.strictObject({
      result: list(one).optional().describe('Only these results; all of them where absent.'),
      country: list(country).optional().describe('Only rows of these countries.'),
    }),
    answer: z.record(z.string(), z.unknown()).nullable().describe('The row.'),
    async *events({ query }, lastEventId, signal) {
      const wanted = Array.isArray(query.result) ? query.result : names
      const countries = Array.isArray(query.country) ? query.country : undefined
      const chosen = new Set(topics.filter(({ name }) => wanted.includes(shortName(name))).map(({ name }) => name))
      for await (const { id, topic, value } of feed.listen(chosen, lastEventId, signal)) {
        if (countries !== undefined && (value === null || !countries.includes(value.country))) continue
        yield { id, event: shortName(topic), data: value }
      }
    },
  }
}
