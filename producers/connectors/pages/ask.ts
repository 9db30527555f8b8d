import { randomUUID } from 'node:crypto'
import { KappaError, reasonOf } from '#engine/errors'
import { type Ask, type Outcome, retryAfterMs } from '../http/index.ts'
import type { PageBrowser } from './browser.ts'
import type { Extracted, PageKind, PagesSource } from './contract.ts'
import { failureKey, keepFailure, type PageObjects, type SavedPage, savedHtml } from './evidence.ts'
import { judge } from './judge.ts'
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
export function livePages({ source, browser, objects, robots }: AskOptions): Ask {
  let lastAt = Number.NEGATIVE_INFINITY
  let before = ''
  return async (url, _, { clock, signal, target }) => {
    const requestId = randomUUID()
    const again = (reason: string, afterMs?: number): Outcome => ({
      ...{ kind: 'again', requestId, reason },
      ...(afterMs === undefined ? {} : { afterMs }),
    })
    const kind = kindNamed(source, target?.name)
    const permission = await robots.permission(url)
    if (permission.kind === 'forbidden')
      return { kind: 'refused', requestId, reason: `robots.txt of ${new URL(url).origin} forbids it` }
    if (permission.kind === 'unknown') return again(permission.reason)
    let loaded: Loaded | undefined
    let receivedAt = clock.now()
    for (let chance = 1; chance <= CHANCES; chance++) {
      await clock.sleep(Math.max(0, lastAt + permission.delayMs - clock.now()), signal)
      if (signal?.aborted) return again('stopped')
      receivedAt = clock.now()
      const { timeoutMs, readyMs } = source
      const isBroken = (extracted: Extracted) => judge(kind, endOf(kind, url, extracted), receivedAt).broken.length > 0
      const how = { browser, kind, timeoutMs, readyMs, ...(signal === undefined ? {} : { signal }) }
      loaded = await load(url, how, isBroken)
      lastAt = clock.now()
      // Scripts that failed once may run the next time: a layout has changed when it is so again.
      if (loaded.kind !== 'read' || loaded.extracted.items.length > 0 || loaded.html === '') break
    }
    if (loaded === undefined || loaded.kind === 'failed') return again(loaded?.reason ?? 'not loaded')
    if (loaded.kind === 'elsewhere') return { kind: 'refused', requestId, reason: `it leads to ${loaded.url}` }
    if (loaded.kind === 'status') {
      const { status, retryAfter } = loaded
      if (status !== 408 && status !== 425 && status !== 429 && status < 500)
        return { kind: 'refused', requestId, reason: `${status}` }
      return again(`${status}`, retryAfterMs(retryAfter, clock.now()))
    }
    const extracted = endOf(kind, url, loaded.extracted, before)
    before = JSON.stringify(extracted.items)
    const { broken, failure } = judge(kind, extracted, receivedAt)
    let answer: PageAnswer = { kind: kind.name, extracted }
    if (broken.length > 0) {
      const about = { source: source.name, kind: kind.name, url, receivedAt }
      const key = failureKey(about, broken, failure !== undefined)
      try {
        await keepFailure(objects, { ...about, key, reasons: broken.map(({ reason }) => reason) }, loaded)
      } catch (thrown) {
        if (!(thrown instanceof KappaError)) throw thrown
        return again(`keeping the page: ${reasonOf(thrown)}`)
      }
      answer = { ...answer, page: key }
    }
    return { kind: 'fresh', requestId, status: loaded.status, receivedAt, body: JSON.stringify(answer) }
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
