import robotsModule from 'robots-parser'
import type { Clock } from '#engine/time'

/** Its types say that it has a default export; as CommonJS that Node imports, it is one. */
const robotsParser = robotsModule as unknown as typeof robotsModule.default

/** As robots.txt calls us (RFC 9309, 2.2.1), and servers read it. */
export const PRODUCT = 'kappa'
export const USER_AGENT = `Mozilla/5.0 (compatible; ${PRODUCT}; headless browser)`

/** What a site's robots.txt says of an address. */
export type Permission =
  | { readonly kind: 'allowed'; readonly delayMs: number }
  | { readonly kind: 'forbidden' }
  /** Nobody knows now: no page is asked for (RFC 9309, 2.3.1.4). */
  | { readonly kind: 'unknown'; readonly reason: string }

interface Rules {
  readonly until: number
  readonly robots: ReturnType<typeof robotsParser>
}

/** Rules are asked for anew after a day at most (RFC 9309, 2.4); here after an hour. */
const FRESH_MS = 3_600_000
/** RFC 9309, 2.5: at least 500 KiB are read. */
const MOST_BYTES = 512 * 1024
const TIMEOUT_MS = 10_000
/** A site that asks for longer pauses is polled by nobody; the interval of a source is the place for that. */
const LONGEST_DELAY_MS = 300_000

/** Reads robots.txt of each site once an hour. A file that is not there (4xx) allows everything (RFC 9309, 2.3.1.3). */
export class Robots {
  private readonly known = new Map<string, Rules>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  async permission(url: string): Promise<Permission> {
    const { origin } = new URL(url)
    let rules = this.known.get(origin)
    if (rules === undefined || rules.until < this.clock.now()) {
      const text = await robotsText(`${origin}/robots.txt`)
      if ('reason' in text) return { kind: 'unknown', reason: text.reason }
      rules = {
        until: this.clock.now() + FRESH_MS,
        robots: robotsParser(`${origin}/robots.txt`, text.found),
      }
      this.known.set(origin, rules)
    }
    if (rules.robots.isAllowed(url, PRODUCT) === false) return { kind: 'forbidden' }
    const seconds = rules.robots.getCrawlDelay(PRODUCT) ?? 0
    return { kind: 'allowed', delayMs: Math.min(LONGEST_DELAY_MS, Math.max(0, seconds * 1_000)) }
  }
}

async function robotsText(url: string): Promise<{ readonly found: string } | { readonly reason: string }> {
  try {
    const response = await fetch(url, {
      headers: { 'user-agent': USER_AGENT },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      await response.body?.cancel()
      return { found: '' }
    }
    if (response.status !== 200) {
      await response.body?.cancel()
      return { reason: `${url} answers ${response.status}` }
    }
    const bytes = Buffer.from(await response.arrayBuffer()).subarray(0, MOST_BYTES)
    return { found: bytes.toString('utf8') }
  } catch (thrown) {
    return { reason: `${url} does not answer${thrown instanceof Error ? `: ${thrown.message}` : ''}` }
  }
}
