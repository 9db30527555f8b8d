import { z } from 'zod'
import { type AnyTopic, tableOf } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { Freshness } from '../freshness.ts'
import { columnOf, type Relation } from '../relation.ts'
import { type DocumentRoute, json } from '../route.ts'
import type { Store } from '../store/contract.ts'
import { type Completion, listing } from './listing.ts'
import { rowSchema } from './rows.ts'

/** `shop.revenue-per-minute.v1` → `revenue-per-minute` */
export const shortName = (topic: string): string => topic.replace(/^[^.]+\./, '').replace(/\.v\d+$/, '')

/** The latest row of every identity of a topic of results; personal fields are none of its columns. */
function relationOf(topic: AnyTopic): Relation {
  const { database, name, fields } = tableOf(topic)
  const { id, time } = topic.contract.topic
  const personal = new Set(topic.contract.fields.filter(({ pii }) => pii !== undefined).map((field) => field.name))
  return {
    name: `${database}.${name}_latest`,
    from: `${database}.${name}_latest`,
    columns: fields
      .filter((field) => !personal.has(field.name))
      .map((field) => columnOf(field.name, field.type, field.comment)),
    key: [...new Set([time, ...id])],
    tables: [`${database}.${name}`],
  }
}

/** `/live/NAME`: what `/live` has sent and more, from ClickHouse: a page to begin with. */
export function resultListing(
  topic: AnyTopic,
  store: Store,
  freshness: Freshness,
  completion: (topic: AnyTopic) => Promise<Completion | undefined>,
): DocumentRoute {
  const { doc } = topic.contract
  return listing(
    {
      ...{ path: `/live/${shortName(topic.name)}`, tag: 'Live', scope: 'live', newestFirst: true },
      ...{ relation: relationOf(topic), summary: `${shortName(topic.name)}: rows so far, the latest first` },
      description: `${doc} Headers say how complete it is: \`kappa-complete-until\`, and events that were late, rejected or are pending.`,
      completion: () => completion(topic),
    },
    store,
    freshness,
  )
}

/** The serving view (`sinks/redis`), as far as the API asks it. */
export interface LatestRows {
  latest(
    topic: AnyTopic,
    identities: readonly (readonly unknown[])[],
  ): Promise<readonly (Readonly<Record<string, unknown>> | undefined)[]>
}

const MINUTE_MS = 60_000
const MOST_MINUTES = 60

/**
 * `/live/NAME/now`: rows of the last minutes of one key, from the serving view in Redis, which has them within a fraction of
 * a second. For topics whose contract says `serving` and whose rows are of one minute each.
 */
export function nowRoute(topic: AnyTopic, view: LatestRows, clock: Clock): DocumentRoute {
  const { id, time } = topic.contract.topic
  const keys = id.filter((name) => name !== time)
  const { columns } = relationOf(topic)
  const minutes = z
    .string({ error: 'is given more than once' })
    .regex(/^\d{1,3}$/, 'is not a whole number')
    .transform(Number)
    .pipe(z.int().min(1, 'is below 1').max(MOST_MINUTES, `is above ${MOST_MINUTES}`))
  return {
    path: `/live/${shortName(topic.name)}/now`,
    tag: 'Live',
    summary: `${shortName(topic.name)}: the last minutes of one ${keys.join(' and ')}`,
    description: `${topic.contract.doc} From the serving view, the latest minute first; minutes without a row are left out.`,
    scope: 'live',
    kind: 'document',
    formats: ['json'],
    parts: z.strictObject({}),
    query: z.strictObject({
      ...Object.fromEntries(keys.map((name) => [name, keySchema(topic, name)])),
      minutes: minutes.default(10).describe('How many, up to now.'),
      format: z.enum(['json'], 'is not json').optional().describe('Only `json`.'),
    }),
    answer: z.strictObject({ data: z.array(rowSchema(columns)) }),
    // A second is as long as an answer holds.
    version: async () => String(Math.floor(clock.now() / 1_000)),
    async serve({ query }) {
      const last = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
      const starts = Array.from({ length: Number(query.minutes) }, (_, n) => last - n * MINUTE_MS)
      const rows = await view.latest(
        topic,
        starts.map((start) => id.map((name) => (name === time ? start : query[name]))),
      )
      const data = rows.flatMap((row) =>
        row === undefined ? [] : [Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]))],
      )
      return { body: json({ data }), headers: {} }
    },
  }
}

function keySchema(topic: AnyTopic, name: string): z.ZodType {
  const field = topic.contract.fields.find((one) => one.name === name)
  const text = z.string({ error: 'is missing, or given more than once' }).min(1, 'is empty').max(200, 'is too long')
  const own =
    field?.type.kind === 'enum' ? z.enum(field.type.symbols, `is none of ${field.type.symbols.join(', ')}`) : text
  return own.describe(field?.doc ?? name)
}
