import { KappaError, reasonOf } from '#engine/errors'
import type { Checkpoints, SourceRow, Tally } from '#engine/ingest'
import { hourCheckpoint } from '../hours.ts'
import type { Fresh, Validators } from './ask.ts'
import type { Alarm, AnswerCache, HttpSource, Page, Target } from './contract.ts'
import { newsOf } from './news.ts'
import { askPersistently, type Persistence } from './persist.ts'

/** What is kept of a page, under `page|<address>`. */
export interface PageMark extends Validators {
  /** The page behind it. */
  readonly next?: string
}

/** Where a walk over many pages stands, under `walk`: a process that died is gone on from there. */
export interface WalkMark {
  readonly target: string
  readonly url: string
  /** Wall clock, milliseconds. */
  readonly begunAt: number
}

export const PAGE = 'page|'
export const WALK = 'walk'
/** Under it: until when the server asked to be left alone, wall clock, milliseconds. */
export const PAUSE = 'pause'
/** `alarm|<target>`: what was said of it. */
const ALARM = 'alarm|'

export interface WalkCounts {
  requests: number
  unchanged: number
  retries: number
  items: number
  written: number
  deadLettered: number
}

export interface Walking {
  readonly source: HttpSource
  readonly persistence: Persistence
  readonly checkpoints: Checkpoints
  readonly cache?: AnswerCache
  readonly onWarning: (text: string) => void
  readonly counts: WalkCounts
  /** Adds to the sums of the whole run. */
  readonly onTallies: (tallies: ReadonlyMap<string, Tally>) => void
  /** Awaited before it is written down as said: said again where the process dies in between. */
  readonly onAlarm: (alarm: Alarm) => Promise<void>
}

export type WalkEnd =
  | { readonly kind: 'done'; readonly complete: boolean; readonly spokenOf: ReadonlySet<string> }
  | { readonly kind: 'failed'; readonly reason: string; readonly pausedUntil?: number }
  | { readonly kind: 'stopped' }

/** Nobody has so many pages: an API that always names another one is left. */
const MOST_PAGES = 10_000
/** Of an answer that cannot be read, so much is kept in its dead letter; a record of Kafka's has a megabyte. */
const MOST_BROKEN = 500_000

/** As it stands in the origin of every event, and before the keys of its checkpoints. */
export const sourceName = ({ connector = 'http', name }: HttpSource): string => `${connector}-${name}`

/**
 * Takes in all pages of a target, each in one transaction with its marks: an answer of which nothing is committed is asked
 * for again, one that is committed is not taken twice. `complete`: every page was read, none was unchanged.
 */
export async function walk(target: Target, from: WalkMark | undefined, begunAt: number, on: Walking): Promise<WalkEnd> {
  const { checkpoints, persistence } = on
  const spokenOf = new Set<string>()
  const visited = new Set<string>()
  let complete = from === undefined
  let calm = complete
  for (let url: string | undefined = from?.url ?? target.url; url !== undefined; ) {
    if (persistence.signal?.aborted) return { kind: 'stopped' }
    if (visited.has(url) || visited.size >= MOST_PAGES)
      return { kind: 'failed', reason: `after ${visited.size} pages the next one is ${url} again` }
    visited.add(url)
    const mark = (checkpoints.known.get(PAGE + url) ?? {}) as PageMark
    const outcome = await askPersistently(
      url,
      mark,
      { ...persistence, target, onRetry: (address, reason) => retried(on, address, reason) },
      (body) => unreadable(body),
    )
    if (persistence.signal?.aborted && outcome.kind === 'again') return { kind: 'stopped' }
    on.counts.requests++
    if (outcome.kind === 'refused')
      return { kind: 'failed', reason: `${url} (${outcome.requestId}): ${outcome.reason}` }
    if (outcome.kind === 'again') {
      const until = outcome.afterMs === undefined ? {} : { pausedUntil: persistence.clock.now() + outcome.afterMs }
      return { kind: 'failed', reason: `${url} (${outcome.requestId}): ${outcome.reason}`, ...until }
    }
    let page: Taken
    if (outcome.kind === 'unchanged') {
      on.counts.unchanged++
      complete = false
      page = mark.next === undefined ? {} : { next: mark.next }
    } else {
      page = await take(target, url, outcome, begunAt, spokenOf, on)
    }
    const { next, failure, alarm } = page
    calm &&= alarm === undefined
    if (failure !== undefined) return { kind: 'failed', reason: `${url}: ${failure}` }
    if (next !== undefined && new URL(next).origin !== new URL(target.url).origin)
      return { kind: 'failed', reason: `${url}: its next page is on another server, ${new URL(next).origin}` }
    url = next
  }
  if (calm) await allClear(target, on)
  return { kind: 'done', complete, spokenOf }
}

function retried(on: Walking, url: string, reason: string): void {
  on.counts.requests++
  on.counts.retries++
  on.onWarning(`${url}: ${reason}; trying again`)
}

/** A body that was cut on its way may come whole the next time. */
function unreadable(body: string): string | undefined {
  try {
    JSON.parse(body)
    return undefined
  } catch (thrown) {
    return `the answer is no JSON: ${reasonOf(thrown)}`
  }
}

type Taken = Pick<Page, 'next' | 'failure' | 'alarm'>

async function allClear({ name }: Target, { checkpoints, onAlarm, source }: Walking): Promise<void> {
  if (!checkpoints.known.has(ALARM + name)) return
  await onAlarm({ source: sourceName(source), target: name, text: undefined })
  await checkpoints.commit([], new Map([[ALARM + name, null]]))
}

/** Commits a page; `next` is the address of the next one. */
async function take(
  target: Target,
  url: string,
  answer: Fresh,
  begunAt: number,
  spokenOf: Set<string>,
  on: Walking,
): Promise<Taken> {
  const { source, checkpoints, cache, counts } = on
  const { etag, lastModified, requestId, receivedAt, status, body, saved = false } = answer
  await cache?.keep({
    ...{ source: source.name, url, requestId, status, receivedAt, body },
    ...(etag === undefined ? {} : { etag }),
  })
  const page = read(source, target, url, answer)
  const next = page.next === undefined || page.failure !== undefined ? undefined : new URL(page.next, url).href
  const { alarm, failure } = page
  const news = newsOf(page.items, checkpoints.known, { source: sourceName(source), url, requestId, receivedAt, saved })
  for (const key of news.spokenOf) spokenOf.add(key)
  const changes = new Map<string, unknown>(news.changes)
  const mark: PageMark = {
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(next === undefined ? {} : { next }),
  }
  changeTo(changes, checkpoints.known, PAGE + url, (etag ?? lastModified) ? mark : null)
  if (alarm !== undefined && !checkpoints.known.has(ALARM + target.name)) {
    await on.onAlarm({ source: sourceName(source), target: target.name, text: `${url}: ${alarm}` })
    changes.set(ALARM + target.name, { text: alarm, at: receivedAt })
  }
  const standing: WalkMark | null = next === undefined ? null : { target: target.name, url: next, begunAt }
  changeTo(changes, checkpoints.known, WALK, standing)
  counts.items += page.items.length
  if (changes.size > 0 || news.rows.length > 0) await commit(news.rows, changes, receivedAt, on)
  return {
    ...(next === undefined ? {} : { next }),
    ...(failure === undefined ? {} : { failure }),
    ...(alarm === undefined ? {} : { alarm }),
  }
}

async function commit(
  rows: readonly SourceRow[],
  changes: ReadonlyMap<string, unknown>,
  receivedAt: number,
  on: Walking,
): Promise<void> {
  const { known } = on.checkpoints
  const tallies = await on.checkpoints.commit(rows, (sums) =>
    sums.size === 0 ? changes : new Map([...changes, hourCheckpoint(known, receivedAt, sums)]),
  )
  for (const { written, deadLettered } of tallies.values()) {
    on.counts.written += written
    on.counts.deadLettered += deadLettered
  }
  on.onTallies(tallies)
}

/** What is so already, and what is not there and shall not be, is not written. */
function changeTo(
  changes: Map<string, unknown>,
  known: ReadonlyMap<string, unknown>,
  key: string,
  value: object | null,
): void {
  if (JSON.stringify(known.get(key) ?? null) !== JSON.stringify(value)) changes.set(key, value)
}

/** An answer that is not of the source's shape is one broken item: its text is kept, and the walk ends there. */
function read(source: HttpSource, target: Target, url: string, answer: Fresh): Page {
  const { body, receivedAt, linked } = answer
  try {
    return source.read(JSON.parse(body), {
      ...{ target, url, receivedAt },
      ...(linked === undefined ? {} : { linked }),
    })
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError || (thrown instanceof KappaError && thrown.code === 'DECODE_FAILED')))
      throw thrown
    const [topic] = source.topics
    if (topic === undefined) throw thrown
    const found = body.length > MOST_BROKEN ? { body: body.slice(0, MOST_BROKEN), characters: body.length } : { body }
    return { items: [[{ topic, found, reason: reasonOf(thrown) }]] }
  }
}
