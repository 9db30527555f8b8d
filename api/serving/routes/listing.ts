import { z } from 'zod'
import type { Scope } from '../access/scopes.ts'
import { cursorOf, fingerprintOf, placeOf } from '../cursor.ts'
import type { Freshness } from '../freshness.ts'
import { conditionsOf, filtersOf, formats, orderOf, paging } from '../parameters.ts'
import type { Relation, Row } from '../relation.ts'
import type { Answer, DocumentRoute } from '../route.ts'
import type { Store } from '../store/contract.ts'
import { bodyOf, rowSchema } from './rows.ts'

export interface Listing {
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly scope: Scope
  readonly relation: Relation
  /** The largest key first, where nothing else is asked. */
  readonly newestFirst?: boolean
  /** The one whose `completeUntil` says it, where the relation has no such column itself. */
  readonly completeIn?: Relation
  /** What a processor's results say of themselves, looked up before the rows are read. */
  readonly completion?: () => Promise<Completion | undefined>
}

/** How complete results are. */
export interface Completion {
  /** Event time, milliseconds: rows of windows that end by then change no more. Null where nothing can be said. */
  readonly completeUntil: number | null
  /** Events that came too late to count. */
  readonly late: number
  /** Events that were no events. */
  readonly rejected: number
  /** Events and results that are on their way. */
  readonly pending: number
}

/** Until when all events are in the rows (ISO 8601). */
export const COMPLETE_UNTIL = 'kappa-complete-until'

/** Rows of a relation: filters by column, pages that follow the key, JSON, CSV or Arrow. */
export function listing(listing: Listing, store: Store, freshness: Freshness): DocumentRoute {
  const { path, relation, newestFirst = false, completeIn } = listing
  const { columns, key } = relation
  const filters = columns.flatMap(filtersOf)
  const keyColumns = key.flatMap((name) => columns.filter((column) => column.name === name))
  const order = key.length === 0 ? {} : { order: orderOf(newestFirst ? 'desc' : 'asc', key) }
  const query = z.strictObject({
    ...Object.fromEntries(filters.map(({ parameter, schema }) => [parameter, schema])),
    ...order,
    ...paging,
  })
  const tables = [...new Set([...relation.tables, ...(completeIn?.tables ?? [])])]
  const complete = completeIn === undefined ? undefined : memoised((_: string) => completeUntilOf(store, completeIn))
  return {
    ...{ path, tag: listing.tag, summary: listing.summary, description: listing.description, scope: listing.scope },
    ...{ kind: 'document', formats, query, parts: z.strictObject({}) },
    answer: z.strictObject({
      data: z.array(rowSchema(columns)),
      next: z.string().nullable().describe('Cursor of the next page; null on the last one.'),
    }),
    version: () => freshness.of(tables),
    async serve({ query, format }, version): Promise<Answer> {
      const where = conditionsOf(filters, query)
      const descending = query.order === 'desc'
      const limit = Number(query.limit)
      const fingerprint = fingerprintOf([path, where, descending])
      const { cursor } = query
      const after = typeof cursor === 'string' ? placeOf(cursor, fingerprint, keyColumns) : undefined
      // Before the rows: what was complete then is in them.
      const completion = await listing.completion?.()
      const found = await store.select({
        ...{ relation, where, descending, limit: limit + 1 },
        ...(after === undefined ? {} : { after }),
      })
      const rows = found.slice(0, limit)
      const last = rows.at(-1)
      const more = found.length > limit && last !== undefined && key.length > 0
      const next = more
        ? cursorOf(
            fingerprint,
            key.map((name) => last[name]),
          )
        : null
      const until = ownCompleteUntil(relation, rows) ?? (await complete?.(version))
      const told = completion === undefined ? {} : headersOf(completion)
      return {
        body: bodyOf(format, columns, rows, (data) => ({ data, next })),
        headers: {
          ...(next === null ? {} : { link: `<${nextOf(path, query, next)}>; rel="next"` }),
          ...(until === undefined ? {} : { [COMPLETE_UNTIL]: until }),
          ...told,
        },
      }
    },
  }
}

const headersOf = ({ completeUntil, late, rejected, pending }: Completion): Readonly<Record<string, string>> => ({
  ...(completeUntil === null ? {} : { [COMPLETE_UNTIL]: new Date(completeUntil).toISOString() }),
  'kappa-late-events': String(late),
  'kappa-rejected-events': String(rejected),
  'kappa-pending-events': String(pending),
})

function nextOf(path: string, query: Readonly<Record<string, unknown>>, cursor: string): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, cursor }))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) parameters.append(name, String(one))
  return `${path}?${parameters}`
}

const ownCompleteUntil = ({ completeUntil }: Relation, rows: readonly Row[]): string | undefined => {
  const value = completeUntil === undefined ? undefined : rows[0]?.[completeUntil]
  return typeof value === 'string' ? value : undefined
}

/** What a relation says of itself; undefined where it has no rows. */
export async function completeUntilOf(store: Store, relation: Relation): Promise<string | undefined> {
  return ownCompleteUntil(relation, await store.select({ relation, where: [], descending: false, limit: 1 }))
}

/** Computed once a version. A failure is not kept. */
export function memoised<T>(compute: (version: string) => Promise<T>): (version: string) => Promise<T> {
  let of: string | undefined
  let value: Promise<T> | undefined
  return (version) => {
    if (value === undefined || of !== version) {
      of = version
      const mine = compute(version)
      value = mine
      mine.catch(() => {
        if (value === mine) value = undefined
      })
    }
    return value
  }
}
