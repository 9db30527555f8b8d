import { createHash } from 'node:crypto'
import type { ObjectFiles } from '../originals.ts'

/** A page that could not be read as it should, kept so that it can be read again by a better extractor. */
export interface SavedPage {
  /** Of its objects, without their endings: `.html`, `.png` (as it looked) and `.json` (this). */
  readonly key: string
  readonly source: string
  /** Which of the source's kinds it is. */
  readonly kind: string
  readonly url: string
  /** Wall clock, milliseconds. */
  readonly receivedAt: number
  /** Of the HTML. */
  readonly sha256: string
  /** What was wrong, the first few. */
  readonly reasons: readonly string[]
}

export type PageObjects = Pick<ObjectFiles, 'put' | 'list'> & {
  get(key: string): Promise<Buffer | undefined>
}

const folderOf = (source: string): string => `raw/pages/${source}/failures/`

/**
 * Names a failure by what is wrong: the same records broken in the same way on the same page are one failure, however often
 * the page is looked at; a page that is broken as a whole is one a day.
 */
export function failureKey(
  page: Pick<SavedPage, 'source' | 'kind' | 'url' | 'receivedAt'>,
  broken: readonly unknown[],
  whole: boolean,
): string {
  const day = new Date(page.receivedAt).toISOString().slice(0, 10)
  const hash = createHash('sha256').update(JSON.stringify([page.url, broken, whole ? day : '']))
  return `${folderOf(page.source)}${page.kind}-${hash.digest('hex').slice(0, 20)}`
}

/** Keeps a page: what says that it is there comes last. Throws what the bucket throws. */
export async function keepFailure(
  objects: PageObjects,
  page: Omit<SavedPage, 'sha256'>,
  found: { readonly html: string; readonly screenshot?: Uint8Array },
): Promise<void> {
  const html = Buffer.from(found.html)
  const sha256 = createHash('sha256').update(html).digest('hex')
  await objects.put(`${page.key}.html`, html, 'text/html; charset=utf-8')
  if (found.screenshot !== undefined) await objects.put(`${page.key}.png`, found.screenshot, 'image/png')
  const about: SavedPage = { ...page, reasons: page.reasons.slice(0, 5), sha256 }
  await objects.put(`${page.key}.json`, Buffer.from(JSON.stringify(about)), 'application/json')
}

/** The saved pages of a source, the oldest first, so that later states come later. */
export async function savedPages(objects: PageObjects, source: string): Promise<readonly SavedPage[]> {
  const pages: SavedPage[] = []
  for (const { key } of await objects.list(folderOf(source))) {
    if (!key.endsWith('.json')) continue
    const body = await objects.get(key)
    if (body !== undefined) pages.push(JSON.parse(body.toString()) as SavedPage)
  }
  return pages.sort((a, b) => a.receivedAt - b.receivedAt)
}

/** The HTML of a saved page; undefined where it is gone, or not what was kept. */
export async function savedHtml(objects: PageObjects, { key, sha256 }: SavedPage): Promise<string | undefined> {
  const html = await objects.get(`${key}.html`)
  const isOwn = html !== undefined && createHash('sha256').update(html).digest('hex') === sha256
  return isOwn ? html.toString() : undefined
}

/** Keys of a source's saved pages that were kept for long enough. The bucket is the truth: killed anywhere, it is run again. */
export async function expiredPages(
  { name, keepMs }: { readonly name: string; readonly keepMs: number },
  objects: Pick<ObjectFiles, 'list'>,
  now: number,
): Promise<readonly string[]> {
  const kept = await objects.list(folderOf(name))
  return kept.filter(({ modified }) => modified + keepMs <= now).map(({ key }) => key)
}
