import { systemClock } from '#engine/time'
import { type PollOptions, type PollSummary, pollHttp } from '../http/index.ts'
import { livePages, savedAnswers } from './ask.ts'
import { type BrowserOptions, PageBrowser } from './browser.ts'
import type { PagesSource } from './contract.ts'
import { type PageObjects, savedPages } from './evidence.ts'
import { Robots } from './robots.ts'
import { polledPages } from './source.ts'

export interface PagesOptions
  extends Omit<PollOptions, 'source' | 'targets' | 'key' | 'cache' | 'ask' | 'partial' | 'timeoutMs' | 'maxBytes'> {
  readonly source: PagesSource
  /** In place of the source's. */
  readonly url?: string
  readonly objects: PageObjects
  readonly browser: Omit<BrowserOptions, 'online'>
  /** Reads saved pages in place of the site: those whose key ends so, all where it is empty. */
  readonly fromSaved?: string
}

/**
 * Takes in a site's pages until the signal, or once: every state of every record exactly once, through kills, as `pollHttp` does.
 * Pages with failures are kept in `objects`. With `fromSaved` it reads these once more, with the extractors as they are now:
 * what is read well now is news where there is no later news of it.
 */
export async function ingestPages(options: PagesOptions): Promise<PollSummary> {
  const { source, url, objects, fromSaved, clock = systemClock } = options
  const browser = new PageBrowser({ ...options.browser, online: fromSaved === undefined })
  const polled = polledPages(source)
  const shared = { ...options, source: polled, timeoutMs: source.timeoutMs }
  try {
    if (fromSaved === undefined)
      return await pollHttp({
        ...shared,
        targets: polled.targets({ baseUrl: (url ?? source.url).replace(/\/$/, ''), places: [], pageSize: 0 }),
        ask: livePages({ source, browser, objects, robots: new Robots(clock) }),
      })
    const pages = (await savedPages(objects, source.name)).filter(({ key }) => key.endsWith(fromSaved))
    return await pollHttp({
      ...shared,
      ...{ once: true, partial: true, perMinute: 60_000, attempts: 2 },
      // an alarm is about the site as it is
      onAlarm: async () => {},
      targets: pages.map((page) => ({ name: page.key, url: page.url })),
      ask: savedAnswers({ source, browser, objects }, pages),
    })
  } finally {
    await browser.close()
  }
}
