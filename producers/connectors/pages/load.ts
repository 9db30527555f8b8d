import type { Page, Response } from 'playwright-core'
import { KappaError, reasonOf } from '#engine/errors'
import { systemClock } from '#engine/time'
import type { PageBrowser } from './browser.ts'
import type { Extracted, PageKind } from './contract.ts'
import { countInPage, extractInPage, type Selectors, selectorsOf } from './extract.ts'

export interface Loading {
  readonly browser: PageBrowser
  readonly kind: PageKind
  /** In all. Milliseconds. */
  readonly timeoutMs: number
  /** For what scripts bring. Milliseconds. */
  readonly readyMs: number
  /** Read this in place of what a server says. */
  readonly html?: string
  readonly signal?: AbortSignal
}

/** What became of a page. */
export type Loaded =
  | {
      readonly kind: 'read'
      readonly status: number
      readonly extracted: Extracted
      /** As the scripts left it. */
      readonly html: string
      readonly screenshot?: Uint8Array
    }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: 'elsewhere'; readonly url: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** Two looks that find the same are so far apart: lists that scripts build are whole by then. Milliseconds. */
const SETTLE_MS = 150
const SCREENSHOT_MS = 10_000
/** A page that is busy is not waited for; it goes with the browser. */
const CLOSE_MS = 2_000

/**
 * Loads a page and reads it. Never throws for what a server, a page or a network does; CONFIG_INVALID where a selector is none,
 * SERVICE_UNAVAILABLE where the browser cannot be started.
 * @param isWanted whether the page is to be kept: then HTML and screenshot are taken
 */
export async function load(
  url: string,
  loading: Loading,
  isWanted: (extracted: Extracted) => boolean,
): Promise<Loaded> {
  const { browser, timeoutMs, signal } = loading
  const page = await browser.page()
  let over: (reason: string) => void = () => {}
  const ended = new Promise<Loaded>((resolve) => {
    over = (reason) => resolve({ kind: 'failed', reason })
  })
  // A page whose scripts never end answers no question of ours either: it is closed.
  const limit = setTimeout(() => over(`not read in ${timeoutMs} ms`), timeoutMs)
  const stop = () => over('stopped')
  signal?.addEventListener('abort', stop, { once: true })
  page.on('crash', () => over('the page crashed'))
  try {
    return await Promise.race([read(page, url, loading, isWanted), ended])
  } catch (thrown) {
    const [line = ''] = reasonOf(thrown).split('\n')
    if (/not a valid selector/.test(line)) throw new KappaError('CONFIG_INVALID', `reading ${url}: ${line}`)
    return { kind: 'failed', reason: line }
  } finally {
    clearTimeout(limit)
    signal?.removeEventListener('abort', stop)
    const patience = new AbortController()
    await Promise.race([page.close().catch(() => {}), systemClock.sleep(CLOSE_MS, patience.signal)])
    patience.abort()
  }
}

async function read(
  page: Page,
  url: string,
  { kind, readyMs, html }: Loading,
  isWanted: (extracted: Extracted) => boolean,
): Promise<Loaded> {
  if (html !== undefined)
    await page.route('**/*', (route) =>
      route.request().isNavigationRequest() && route.request().url() === new URL(url).href
        ? route.fulfill({ status: 200, contentType: 'text/html; charset=utf-8', body: html })
        : route.abort(),
    )
  const response = await page.goto(url, { waitUntil: 'domcontentloaded', timeout: 0 })
  const status = response?.status() ?? 0
  if (status !== 200) return { kind: 'status', status, retryAfter: await retryAfterOf(response) }
  const selectors = selectorsOf(kind)
  await settled(page, selectors, html === undefined ? readyMs : 2 * SETTLE_MS)
  if (new URL(page.url()).origin !== new URL(url).origin) return { kind: 'elsewhere', url: page.url() }
  const extracted = await page.evaluate(extractInPage, selectors)
  if (!isWanted(extracted)) return { kind: 'read', status, extracted, html: '' }
  const screenshot = await page.screenshot({ fullPage: true, timeout: SCREENSHOT_MS }).catch(() => undefined)
  return {
    ...{ kind: 'read', status, extracted, html: await page.content() },
    ...(screenshot === undefined ? {} : { screenshot }),
  }
}

const retryAfterOf = async (response: Response | null): Promise<string | null> =>
  (await response?.headerValue('retry-after')) ?? null

/** Waits until the records are there and no more come, or time is up. */
async function settled(page: Page, selectors: Selectors, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  for (let last = -1; ; ) {
    const count = await page.evaluate(countInPage, selectors)
    if (count >= 0 && count === last) return
    if (performance.now() >= until) return
    last = count
    await systemClock.sleep(SETTLE_MS)
  }
}
