import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { catalogueItems, topics } from '#schemas'
import { chromium, pagesConfig } from '../../../deploy/config.ts'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'
import type { Alarm } from '../http/index.ts'
import { originOf } from '../origin.ts'
import { ingestPages, type PageObjects, type PagesOptions, pagesSourcesOf, savedPages } from './index.ts'
import { linked, type Shop, type Shown, shop, shown } from './shop-fixture.ts'

/** The browser is real, Kafka is not. */

function folderObjects(folder: string): PageObjects {
  return {
    async put(key, body) {
      mkdirSync(dirname(join(folder, key)), { recursive: true })
      writeFileSync(join(folder, key), body)
    },
    async list(prefix) {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      return entries
        .map(({ parentPath, name }) => ({
          path: join(parentPath, name),
          key: relative(folder, join(parentPath, name)),
        }))
        .filter(({ key }) => key.startsWith(prefix))
        .map(({ path, key }) => ({ key, bytes: statSync(path).size, modified: statSync(path).mtimeMs }))
    },
    async get(key) {
      return existsSync(join(folder, key)) ? readFileSync(join(folder, key)) : undefined
    },
  }
}

/** The shipped source, quicker, with something else in its page. */
function sourceOf(page: object = {}) {
  const content = parse(readFileSync(pagesConfig({}), 'utf8')) as { sources: { pages: object[] }[] }
  const [declared] = content.sources
  const own = { ...declared, ready: '2 seconds', timeout: '8 seconds', pages: [{ ...declared?.pages[0], ...page }] }
  const [source] = pagesSourcesOf({ sources: [own] }, 'pages.yml', topics)
  assert.ok(source)
  return source
}

async function installed(t: TestContext) {
  const [broker, registry, folder] = [fakeBroker(), memoryRegistry(), temporaryFolder(t)]
  await registry.register(catalogueItems)
  await broker.admin.ensure([{ name: catalogueItems.name, partitions: 2, settings: {} }])
  const objects = folderObjects(temporaryFolder(t))
  const alarms: Alarm[] = []
  const once = async (site: Shop, change: Partial<PagesOptions> = {}) => {
    const { last } = await ingestPages({
      ...{ source: sourceOf(), url: site.url, objects, app: 'test', broker, registry, once: true },
      ...{ browser: { ...chromium(), folder: join(folder, 'browser') }, intervalMs: 60_000, perMinute: 60_000 },
      ...{ attempts: 2, random: () => 0, onAlarm: async (alarm: Alarm) => void alarms.push(alarm) },
      ...change,
    })
    assert.ok(last)
    const spool = join(folder, 'browser')
    assert.deepEqual(existsSync(spool) ? readdirSync(spool) : [], [], 'no profile is left')
    return last
  }
  const values = () =>
    broker.committed(catalogueItems.name).map(({ value }) => catalogueItems.decode((value as Buffer).subarray(5)))
  const letters = () =>
    broker.committed(`${catalogueItems.name}.dead-letter`).map(({ headers = {}, value }) => ({
      reason: String(headers['kappa.reason']),
      origin: originOf(String(headers['kappa.origin'])),
      found: String(value),
    }))
  return { once, values, letters, alarms, objects, broker }
}

test('pages that scripts write are read one after the other, and again without anything new', async (t) => {
  const at = await installed(t)
  const second = [shown(3)]
  await using site = await shop((url) => linked([shown(1), shown(2)], second)(url))
  const first = await at.once(site)
  assert.deepEqual([first.requests, first.items, first.written, first.failed], [2, 3, 3, []])
  assert.deepEqual(
    at
      .values()
      .map(({ productId, listPrice, supplier, warehouse }) => [productId, listPrice, supplier, warehouse])
      .sort(),
    [1, 2, 3].map((n) => [`p-${n}`, 101_990n, 'Lumen', 'Lille']),
  )
  assert.match(site.asked[0]?.agent ?? '', /kappa/)
  second[0] = shown(3, { price: '5,00 €', changedAt: '2026-03-02T08:00:00Z' })
  const again = await at.once(site)
  assert.deepEqual([again.requests, again.written], [2, 1])
  assert.equal(at.values().at(-1)?.listPrice, 500n)
  assert.deepEqual(await savedPages(at.objects, 'supplier-shop'), [])
  assert.equal(at.broker.openClients(), 0)
})

test('a broken record is a dead letter with its page kept; read once more when the extractor is mended', async (t) => {
  const at = await installed(t)
  const items: Shown[] = [...Array.from({ length: 10 }, (_, i) => shown(i + 1)), shown(11, { price: '7.50 EUR' })]
  await using site = await shop(linked(items))
  for (let round = 0; round < 2; round++) assert.deepEqual((await at.once(site)).failed, [])
  assert.equal(at.values().length, 10)
  const [letter, ...more] = at.letters()
  assert.deepEqual(more, [])
  assert.match(letter?.reason ?? '', /listPrice: '7.50 EUR' does not match/)
  assert.equal(letter?.origin?.source, 'pages-supplier-shop')
  assert.equal(letter?.origin?.line, 11)
  const [page, ...others] = await savedPages(at.objects, 'supplier-shop')
  assert.ok(page && others.length === 0)
  assert.match(letter?.found ?? '', new RegExp(page.key))
  const screenshot = await at.objects.get(`${page.key}.png`)
  assert.deepEqual([...(screenshot ?? Buffer.alloc(0)).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47])
  assert.match(String(await at.objects.get(`${page.key}.html`)), /Lamp 11/)
  assert.deepEqual(at.alarms, [])

  const { fields } = parse(readFileSync(pagesConfig({}), 'utf8')).sources[0].pages[0]
  const mended = sourceOf({
    fields: { ...fields, listPrice: { select: '.price', pattern: '([\\d\\s.,]+?)\\s*(?:€|EUR)', decimal: '.' } },
  })
  const before = site.asked.length
  // ten prices with a comma are no numbers now, and those that are known by later news are not told again
  const replayed = await at.once(site, { source: mended, fromSaved: '' })
  assert.equal(site.asked.length, before, 'the site is not asked')
  assert.equal(replayed.items, 11)
  assert.equal(at.values().find(({ productId }) => productId === 'p-11')?.listPrice, 750n)
  const count = at.values().length
  await at.once(site, { source: mended, fromSaved: '' })
  assert.equal(at.values().length, count, 'what was read once more is not there twice')
})

test('a changed layout is an alarm once, one dead letter, a kept page; and over when pages are read well again', async (t) => {
  const at = await installed(t)
  await using site = await shop(linked([shown(1)], [shown(2)]))
  await at.once(site)
  site.layout = 'renamed'
  for (let round = 0; round < 2; round++) {
    const { failed, written } = await at.once(site, { source: { ...sourceOf(), readyMs: 400 } })
    assert.match(failed[0]?.reason ?? '', /\[data-product\] matches nothing/)
    assert.equal(written, 0)
  }
  assert.equal(at.letters().length, 1)
  assert.equal((await savedPages(at.objects, 'supplier-shop')).length, 1)
  site.layout = 'first'
  assert.deepEqual((await at.once(site)).failed, [])
  assert.deepEqual(
    at.alarms.map(({ source, target, text }) => [source, target, text === undefined]),
    [
      ['pages-supplier-shop', 'products', false],
      ['pages-supplier-shop', 'products', true],
    ],
  )
  const fields = { ...parse(readFileSync(pagesConfig({}), 'utf8')).sources[0].pages[0].fields }
  site.layout = 'renamed'
  const renamed = sourceOf({ each: '[data-sku]', fields: { ...fields, productId: { attribute: 'data-sku' } } })
  assert.deepEqual((await at.once(site, { source: renamed, fromSaved: '' })).failed, [])
  assert.deepEqual(at.values().length, 2, 'what the kept page says is known already')
})

test('robots.txt, trouble, pages that never end and selectors that are none', async (t) => {
  const at = await installed(t)
  await using site = await shop(({ searchParams }) => {
    const page = Number(searchParams.get('p') ?? '1')
    return { items: page <= 2 ? [shown(page)] : [] }
  })
  const numbered = sourceOf({ paging: { parameter: 'p' } })
  site.robots = { text: 'User-agent: *\nDisallow: /products' }
  const forbidden = await at.once(site)
  assert.match(forbidden.failed[0]?.reason ?? '', /robots.txt of .* forbids it/)
  assert.equal(site.asked.length, 0)
  site.robots = { text: 'User-agent: kappa\nCrawl-delay: 0.7' }
  site.trouble.push({ status: 503 }, { status: 429, headers: { 'retry-after': '0' } })
  const patient = await at.once(site, { source: numbered, attempts: 4 })
  assert.deepEqual([patient.retries, patient.written, patient.failed], [2, 2, []])
  assert.deepEqual(
    site.asked.map(({ path }) => path),
    [...Array(3).fill('/products'), '/products?p=2', '/products?p=3'],
  )
  const gaps = site.asked.slice(1).map(({ at: moment }, i) => moment - (site.asked[i]?.at ?? 0))
  assert.ok(
    gaps.every((gap) => gap > 650),
    `${gaps}`,
  )
  site.robots = { status: 404 }
  site.trouble.push({ status: 404 })
  assert.match((await at.once(site)).failed[0]?.reason ?? '', /404/)
  site.layout = 'never-ending'
  const endless = await at.once(site, { source: { ...sourceOf(), timeoutMs: 1_500 }, attempts: 1 })
  assert.match(endless.failed[0]?.reason ?? '', /not read in 1500 ms/)
  site.layout = 'first'
  await assert.rejects(at.once(site, { source: sourceOf({ each: 'li[' }) }), {
    code: 'CONFIG_INVALID',
    message: /not a valid selector/,
  })
})

test('a browser that is not there is said, with what to install', async (t) => {
  assert.throws(() => chromium({ PATH: temporaryFolder(t) }), {
    code: 'CONFIG_INVALID',
    message: /there is no Chromium; install one \(Debian: apt install chromium/,
  })
  assert.throws(() => chromium({ KAPPA_CHROMIUM: '/no/such/browser' }), { message: /KAPPA_CHROMIUM/ })
})
