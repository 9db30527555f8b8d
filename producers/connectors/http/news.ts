import { createHash } from 'node:crypto'
import type { SourceRow } from '#engine/ingest'
import { originText } from '../origin.ts'
import type { Reading } from './contract.ts'

/** What was last published of a thing: kept as a checkpoint under `item|<topic>|<about>`. */
export interface LastSeen {
  /** Hash of it. */
  readonly hash: string
  readonly order?: number
  /** When, wall clock, milliseconds. */
  readonly at: number
}

export interface News {
  readonly rows: readonly SourceRow[]
  /** Checkpoints that go with the rows. */
  readonly changes: ReadonlyMap<string, LastSeen>
  /** Every key that the page spoke of, news or not. */
  readonly spokenOf: ReadonlySet<string>
}

export const ITEM = 'item|'

/** The broken are told once, too: a page with one is asked for again and again. */
const BROKEN = `${ITEM}broken|`

/**
 * What of a page is not known yet: an API's answer says again what it said before, an event is there once. A saved page
 * says nothing of what there was later news of. Each row's place is the page's address without
 * the key and the item's number, its origin the request.
 */
export function newsOf(
  items: readonly (readonly Reading[])[],
  known: ReadonlyMap<string, unknown>,
  from: {
    readonly source: string
    readonly url: string
    readonly requestId: string
    readonly receivedAt: number
    readonly saved?: boolean
  },
): News {
  const rows: SourceRow[] = []
  const changes = new Map<string, LastSeen>()
  const spokenOf = new Set<string>()
  for (const [i, readings] of items.entries()) {
    const { source, url, requestId: unit, receivedAt: takenAt } = from
    const place = { file: url, line: i + 1, origin: originText({ source, unit, line: i + 1, takenAt }) }
    for (const reading of readings) {
      const broken = 'reason' in reading
      const text = broken ? textOf(reading.found) : textOf(reading.newsIn ?? reading.value)
      const hash = createHash('sha256').update(text).digest('base64url').slice(0, 22)
      const key = `${broken ? BROKEN : ITEM}${reading.topic.name}|${broken ? hash : reading.about}`
      spokenOf.add(key)
      const last = (changes.get(key) ?? known.get(key)) as LastSeen | undefined
      if (last?.hash === hash || (from.saved === true && last !== undefined && last.at > from.receivedAt)) continue
      const order = broken ? undefined : reading.order
      if (order !== undefined && last?.order !== undefined && order <= last.order) continue
      changes.set(key, { hash, at: from.receivedAt, ...(order === undefined ? {} : { order }) })
      if (broken) rows.push({ topic: reading.topic, found: reading.found, reason: reading.reason, place })
      else rows.push({ topic: reading.topic, value: reading.value, place })
    }
  }
  return { rows, changes, spokenOf }
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? 'undefined'
