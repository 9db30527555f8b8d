import { randomUUID } from 'node:crypto'
import { KappaError, reasonOf } from '#engine/errors'
import { type Ask, type Outcome, retryAfterMs } from '../http/index.ts'
import type { PageBrowser } from './browser.ts'
import type { Extracted, PageKind, PagesSource } from './contract.ts'
import { failureKey, keepFailure, type PageObjects, type SavedPage, savedHtml } from './evidence.ts'
import { type Judged, judge } from './judge.ts'
import { type Loaded, load } from './load.ts'
import type { Robots } from './robots.ts'

/** What a browser found, as the body of an answer. */
export interface PageAnswer {
  /** Which of the source's kinds. */
  readonly kind: string
  readonly extracted: Extracted
  /** Where the page is kept, if something was wrong with it. */
  readonly page?: string
  /** Read from where it is kept: it says nothing of how the site is laid out now. */
  readonly saved?: boolean
}

export interface AskOptions {
  readonly source: PagesSource
  readonly browser: PageBrowser
  readonly objects: PageObjects
  readonly robots: Robots
}

/** How long a page that has nothing is given a second chance. */
const CHANCES = 2

/** Asks for pages with a browser: what robots.txt forbids is not asked for, and pages with failures are kept. */
export function livePages(options: AskOptions): Ask {
  const { source, robots } = options
  let lastAt = Number.NEGATIVE_INFINITY
  let before = ''
  return async (url, _, { clock, signal, target }) => {
    const requestId = randomUUID()
    const again = (reason: string): Outcome => ({ kind: 'again', requestId, reason })
    const refused = (reason: string): Outcome => ({ kind: 'refused', requestId, reason })
    const kind = kindNamed(source, target?.name)
    const permission = await robots.permission(url)
    if (permission.kind === 'forbidden') return refused(`robots.txt of ${new URL(url).origin} forbids it`)
    if (permission.kind === 'unknown') return again(permission.reason)
    for (let chance = 1; ; chance++) {
      await clock.sleep(Math.max(0, lastAt + permission.delayMs - clock.now()), signal)
      if (signal?.aborted) return again('stopped')
      const receivedAt = clock.now()
      const loaded = await loadLive(url, kind, options, signal)
      lastAt = clock.now()
      if (loaded.kind === 'failed') return again(loaded.reason)
      if (loaded.kind === 'elsewhere') return refused(`it leads to ${loaded.url}`)
      if (loaded.kind === 'status') return { ...outcomeOf(loaded, lastAt), requestId }
      const extracted = endOf(kind, url, loaded.extracted, before)
      const { broken, failure } = judge(kind, extracted, receivedAt)
      // Scripts that failed once may run the next time: a layout has changed when it is so again.
      if (failure !== undefined && chance < CHANCES) continue
      before = JSON.stringify(extracted.items)
      const about = { source: source.name, kind: kind.name, url, receivedAt }
      const kept: Kept =
        broken.length === 0 ? {} : await keep(options.objects, about, broken, failure !== undefined, loaded)
      if (kept.reason !== undefined) return again(kept.reason)
      const answer: PageAnswer = { kind: kind.name, extracted, ...kept }
      return { kind: 'fresh', requestId, status: loaded.status, receivedAt, body: JSON.stringify(answer) }
    }
  }
}

/** The HTML of a page comes along where something in it is broken. */
function loadLive(url: string, kind: PageKind, { source, browser }: AskOptions, signal?: AbortSignal): Promise<Loaded> {
  const { timeoutMs, readyMs } = source
  const isBroken = (extracted: Extracted) => judge(kind, endOf(kind, url, extracted), 0).broken.length > 0
  return load(url, { browser, kind, timeoutMs, readyMs, ...(signal === undefined ? {} : { signal }) }, isBroken)
}

/** As with APIs: what is for a while is tried again, not before the server says so. */
function outcomeOf({ status, retryAfter }: Extract<Loaded, { kind: 'status' }>, now: number) {
  if (status !== 408 && status !== 425 && status !== 429 && status < 500)
    return { kind: 'refused', reason: `${status}` } as const
  const afterMs = retryAfterMs(retryAfter, now)
  return { kind: 'again', reason: `${status}`, ...(afterMs === undefined ? {} : { afterMs }) } as const
}

/** Where a page is kept, or why it is not: then it is asked for again. */
interface Kept {
  readonly page?: string
  readonly reason?: string
}

async function keep(
  objects: PageObjects,
  about: Pick<SavedPage, 'source' | 'kind' | 'url' | 'receivedAt'>,
  broken: Judged['broken'],
  whole: boolean,
  loaded: Extract<Loaded, { kind: 'read' }>,
): Promise<Kept> {
  const key = failureKey(about, broken, whole)
  try {
    await keepFailure(objects, { ...about, key, reasons: broken.map(({ reason }) => reason) }, loaded)
    return { page: key }
  } catch (thrown) {
    if (thrown instanceof KappaError) return { reason: `keeping the page: ${reasonOf(thrown)}` }
    throw thrown
  }
}

/** Reads saved pages again, in the browser and without any server. A target's name is its page's key. */
export function savedAnswers(
  { source, browser, objects }: Omit<AskOptions, 'robots'>,
  pages: readonly SavedPage[],
): Ask {
  return async (url, _, { target, signal }) => {
    const requestId = randomUUID()
    const page = pages.find(({ key }) => key === target?.name)
    if (page === undefined) return { kind: 'refused', requestId, reason: 'no page of this name is kept' }
    const kind = kindNamed(source, page.kind)
    const { timeoutMs, readyMs } = source
    const html = await savedHtml(objects, page)
    if (html === undefined) return { kind: 'refused', requestId, reason: 'its HTML is gone, or not what was kept' }
    const how = { browser, kind, timeoutMs, readyMs, html, ...(signal === undefined ? {} : { signal }) }
    const loaded = await load(url, how, () => false)
    if (loaded.kind !== 'read')
      return { kind: 'again', requestId, reason: loaded.kind === 'failed' ? loaded.reason : 'it was not read' }
    const answer: PageAnswer = {
      kind: kind.name,
      extracted: { ...endOf(kind, url, loaded.extracted), next: null },
      ...{ page: page.key, saved: true },
    }
    return {
      ...{ kind: 'fresh', requestId, status: 200, receivedAt: page.receivedAt, saved: true },
      body: JSON.stringify(answer),
    }
  }
}

/** The kind of this name. Throws CONFIG_INVALID where the source has none. */
export function kindNamed({ name, kinds }: PagesSource, wanted: string | undefined): PageKind {
  const kind = kinds.find((one) => one.name === wanted)
  if (kind !== undefined) return kind
  const known = kinds.map((one) => one.name).join(', ')
  throw new KappaError('CONFIG_INVALID', `reading pages '${wanted}' of ${name}: there are ${known}`)
}

/**
 * Numbered pages: the one behind the last has nothing, rightly, or the same as that before it; any other leads to the next
 * number.
 */
function endOf({ paging }: PageKind, url: string, extracted: Extracted, before = ''): Extracted {
  if (paging === undefined || !('parameter' in paging)) return extracted
  const address = new URL(url)
  const number = Number(address.searchParams.get(paging.parameter) ?? '1')
  if (extracted.items.length === 0) return number > 1 ? { ...extracted, empty: true } : extracted
  if (JSON.stringify(extracted.items) === before) return extracted
  address.searchParams.set(paging.parameter, String(number + 1))
  return { ...extracted, next: address.href }
}
