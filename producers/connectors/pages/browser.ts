import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { KappaError, reasonOf } from '#engine/errors'
import { USER_AGENT } from './robots.ts'

export interface BrowserOptions {
  /** Of Chromium or Chrome. */
  readonly executable: string
  /** False where the kernel lets no sandbox be made, or for root. */
  readonly sandbox: boolean
  /** Where profiles lie while the browser runs; those of processes that were killed are taken away. */
  readonly folder: string
  /** False for saved pages: nothing in them runs, and nothing is asked of any server. */
  readonly online: boolean
}

/** What is not needed to read a page is not asked for. */
const UNNEEDED = new Set(['image', 'media', 'font'])

/** A headless browser that is started when it is first needed, and again should it die. */
export class PageBrowser {
  private readonly options: BrowserOptions
  private running: Promise<BrowserContext> | undefined
  private place: string | undefined

  constructor(options: BrowserOptions) {
    this.options = options
  }

  /** A new tab. Throws SERVICE_UNAVAILABLE where the browser cannot be started. */
  async page(): Promise<Page> {
    this.running ??= this.start()
    try {
      return await (await this.running).newPage()
    } catch (thrown) {
      await this.close()
      throw thrown
    }
  }

  async close(): Promise<void> {
    const { running, place } = this
    this.running = undefined
    this.place = undefined
    await (await running?.catch(() => undefined))?.close().catch(() => {})
    if (place !== undefined) remove(place)
  }

  private async start(): Promise<BrowserContext> {
    const { executable, sandbox, folder, online } = this.options
    remove(folder)
    mkdirSync(folder, { recursive: true })
    this.place = mkdtempSync(join(folder, 'browser-'))
    const { chromium } = await import('playwright-core')
    try {
      const context = await chromium.launchPersistentContext(join(this.place, 'profile'), {
        artifactsDir: join(this.place, 'artifacts'),
        ...{ executablePath: executable, headless: true, chromiumSandbox: sandbox, javaScriptEnabled: online },
        ...{ userAgent: USER_AGENT, acceptDownloads: false, serviceWorkers: 'block', viewport: VIEWPORT },
        // the process that we are ends in its own way
        ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
        args: ['--disable-dev-shm-usage', '--disable-gpu'],
      })
      context.on('close', () => {
        this.running = undefined
      })
      if (online)
        await context.route('**/*', (route) =>
          UNNEEDED.has(route.request().resourceType()) ? route.abort() : route.continue(),
        )
      return context
    } catch (thrown) {
      const [line = ''] = reasonOf(thrown).split('\n')
      const advice = sandbox ? '; where it may make no sandbox, set KAPPA_CHROMIUM_SANDBOX=off' : ''
      throw new KappaError('SERVICE_UNAVAILABLE', `starting the browser ${executable}: ${line}${advice}`)
    }
  }
}

const VIEWPORT = { width: 1_280, height: 1_600 }

/** A browser that was killed a moment ago may still write there: what is left goes the next time. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // it goes with the next start
  }
}
