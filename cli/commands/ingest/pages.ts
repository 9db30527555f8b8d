import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { ScheduleHistory } from '#engine/schedule'
import { milliseconds, systemClock } from '#engine/time'
import { chromium, dataFolder } from '../../../deploy/config.ts'
import type { Alarm } from '../../../producers/connectors/http/index.ts'
import { ingestPages, type PagesSource, polledPages, savedPages } from '../../../producers/connectors/pages/index.ts'
import { ObjectStore } from '../../../sinks/s3/index.ts'
import { openPlatform } from '../../platform.ts'
import { pagesSourceNamed } from '../../sources.ts'
import { stopSignal } from '../produce/stop.ts'
import { judge, roundText, tallyText } from './http.ts'
import { prepared } from './prepared.ts'

const help = `
Sources are declared in deploy/sources/pages.yml (KAPPA_PAGES, --config): where a site is, which elements of its pages are
records, and which text or attribute becomes which field. Pages are read by a headless Chromium (KAPPA_CHROMIUM, or on the
path; Debian: apt install chromium), so what their scripts write is there.

Every state of every record is there once, however often a page says it again and however often this is killed, as with
kappa ingest http. robots.txt is obeyed and asked for under the name 'kappa'; --rate and its Crawl-delay are kept to.

A record that cannot be read goes to <topic>.dead-letter; its page is kept in S3 under raw/pages/<source>/failures/, as HTML
and as a screenshot. Where a page has no record at all, or more broken ones than the source allows, the layout has probably
changed: that is said on kappa.alerts.v1, and taken back when all pages are read well again. Mend the selectors, then
--from-saved reads the kept pages once more: end the running connector first, or it is fenced.

Examples:
  kappa ingest pages --source supplier-shop --url http://shop.example
  kappa ingest pages --source supplier-shop --once --json
  kappa ingest pages --source supplier-shop --saved
  kappa ingest pages --source supplier-shop --from-saved
  kappa ingest pages --source supplier-shop --from-saved products-0f3a9c1e5b7d2a4c6e80`

const ONCE_PATIENCE_MS = 120_000

interface PagesFlags {
  readonly source: string
  readonly url?: string
  readonly config?: string
  readonly interval?: number
  readonly rate?: number
  readonly once?: boolean
  readonly saved?: boolean
  readonly fromSaved?: string | true
  readonly json?: boolean
}

/** `kappa ingest pages --source NAME` */
export function register(ingest: Command): void {
  ingest
    .command('pages')
    .description("read a site's pages with a browser")
    .requiredOption('--source <name>', 'a source of the config')
    .option('--url <address>', "where the site is, in place of the source's", address)
    .option('--config <file>', 'the config, in place of deploy/sources/pages.yml')
    .option('--interval <duration>', "from round to round, e.g. '15 minutes' (default: the source's)", duration)
    .option('--rate <n>', "pages a minute at most (default: the source's)", whole)
    .option('--once', 'one round, then end')
    .option('--saved', 'show the pages that are kept, and read none')
    .option('--from-saved [name]', 'read kept pages once more: all of them, or the one of this name')
    .option('--json', 'print a line of JSON a round')
    .addHelpText('after', help)
    .action((flags: PagesFlags) => {
      const source = flags.config ? pagesSourceNamed(flags.source, flags.config) : pagesSourceNamed(flags.source)
      return flags.saved === true ? showSaved(source, flags.json === true) : readPages(source, flags)
    })
}

async function readPages(source: PagesSource, flags: PagesFlags): Promise<void> {
  const browser = { ...chromium(), folder: join(dataFolder(), 'spool', `pages-${source.name}`) }
  const { url, fromSaved, json = false } = flags
  const once = flags.once === true || fromSaved !== undefined
  const platform = openPlatform()
  const objects = new ObjectStore(platform.addresses.s3)
  const alerts = new ScheduleHistory({ broker: platform.broker, app: platform.app, clock: systemClock })
  const stop = stopSignal()
  const told = (message: string): void => void process.stderr.write(`${message}\n`)
  const patienceMs = once ? ONCE_PATIENCE_MS : Number.POSITIVE_INFINITY
  try {
    const { app, broker, registry } = platform
    await prepared(platform, polledPages(source).topics, { patienceMs, signal: stop.signal, told })
    await objects.ensure()
    const summary = await ingestPages({
      ...{ source, objects, browser, once, app, broker, registry, patienceMs },
      ...(url === undefined ? {} : { url }),
      ...(fromSaved === undefined ? {} : { fromSaved: fromSaved === true ? '' : fromSaved }),
      intervalMs: flags.interval ?? source.intervalMs,
      perMinute: flags.rate ?? source.perMinute,
      signal: stop.signal,
      onWaiting: told,
      onWarning: told,
      onAlarm: (alarm) => raise(alerts, alarm, told),
      onRound: (round) => console.log(json ? JSON.stringify(round) : roundText(round)),
    })
    if (once) judge(summary)
    if (!json) console.log(tallyText(summary))
  } finally {
    stop.release()
    await alerts.close()
    objects.close()
    await platform.close()
  }
}

async function raise(alerts: ScheduleHistory, { source, target, text }: Alarm, told: (text: string) => void) {
  const about = { source: 'ingest', subject: `${source} ${target}`, at: systemClock.now() }
  told(`${source} ${target}: ${text ?? 'is as it should be again'}`)
  await alerts.ensure()
  if (text === undefined) await alerts.alert({ ...about, state: 'resolved', text: `${target} is read well again` })
  else await alerts.alert({ ...about, state: 'firing', text })
}

async function showSaved({ name }: PagesSource, json: boolean): Promise<void> {
  const platform = openPlatform()
  const objects = new ObjectStore(platform.addresses.s3)
  try {
    const pages = await savedPages(objects, name)
    if (pages.length === 0 && !json) console.log(`${name}: no page is kept`)
    for (const page of pages) {
      const at = new Date(page.receivedAt).toISOString()
      console.log(json ? JSON.stringify(page) : `${at}  ${page.key}.html  ${page.url}\n  ${page.reasons.join('\n  ')}`)
    }
  } finally {
    objects.close()
    await platform.close()
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

function duration(text: string): number {
  try {
    return milliseconds(text)
  } catch {
    throw new InvalidArgumentError("It is no duration; write it as '15 minutes'.")
  }
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It is not an address like http://host/path.')
  return text.replace(/\/$/, '')
}
