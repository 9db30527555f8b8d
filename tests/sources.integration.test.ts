import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { SourceReport } from '../cli/commands/verify/counts.ts'
import { linked, shop, shown } from '../producers/connectors/pages/shop-fixture.ts'
import { type Installation, install, until } from './installation.ts'
import { foundText, kills } from './kills.ts'

const PAGES = 8
const PER_PAGE = 12
const KILLS = kills(2)

const between = (low: number, high: number): number => low + Math.random() * (high - low)

let kappa: Installation
before(async () => {
  kappa = await install()
})
after(() => kappa?.[Symbol.asyncDispose]())

test('the pages connector is killed again and again: every state of every product is there once', {
  timeout: 180_000 + KILLS * 60_000,
}, async (t) => {
  let round = 1
  const page = (number: number) =>
    Array.from({ length: PER_PAGE }, (_, i) => {
      const product = number * PER_PAGE + i
      // half of the prices change from round to round, and one product a page has none
      const version = product % 2 === 0 ? round : 1
      const price = i === 5 ? '' : `${product + version},00 €`
      return shown(product, { price, changedAt: `2026-03-${String(version).padStart(2, '0')}T08:00:00Z` })
    })
  await using site = await shop((url) => linked(...Array.from({ length: PAGES }, (_, number) => page(number)))(url))
  const registered = await kappa.run('schemas', 'register')
  assert.equal(registered.code, 0, registered.err)
  kappa.start('sink', 'run', 'clickhouse')
  const args = ['ingest', 'pages', '--source', 'supplier-shop', '--url', site.url, '--once', '--rate', '600', '--json']
  let killed = 0
  // a round that was over before is no kill
  for (let rounds = 0; killed < KILLS && rounds < 10 * KILLS; rounds++) {
    // anywhere: while the browser starts, while a page is read, while it is written down
    const asked = site.asked.length + Math.floor(between(0, PAGES))
    const { child, ended } = kappa.start(...args)
    let running = true
    const over = ended.then(({ code, err }) => {
      running = false
      assert.ok(code === null || code === 0, err)
    })
    while (running && site.asked.length <= asked) await new Promise((resolve) => setTimeout(resolve, 10))
    await new Promise((resolve) => setTimeout(resolve, between(0, 250)))
    if (running && child.kill('SIGKILL')) killed++
    await over
    if (round === 1 && killed >= KILLS / 2) {
      const whole = await kappa.run(...args)
      assert.equal(whole.code, 0, whole.err)
      round = 2
    }
  }
  assert.equal(killed, KILLS)
  const last = await kappa.run(...args)
  assert.equal(last.code, 0, last.err)

  const states = PAGES * PER_PAGE + (PAGES * PER_PAGE) / 2
  // products without a price are dead letters, once: i = 5 is an odd product of each page, whose state never changes
  const broken = PAGES
  const expected = states - broken
  const verified = async () => {
    const { out, err, code } = await kappa.run('verify', '--source', 'pages-supplier-shop', '--json')
    assert.ok(out !== '', err)
    return { ...(JSON.parse(out) as SourceReport & { equal: boolean }), code }
  }
  const report = await until(
    verified,
    ({ arrivals }) =>
      arrivals.length > 0 &&
      arrivals.every(({ stores }) => stores.some(({ store, behind }) => store === 'clickhouse' && behind === 0)),
    40_000,
  )
  assert.deepEqual([report.code, report.equal, report.unbalanced], [0, true, []])
  const sum = (each: (one: SourceReport['arrivals'][number]) => number) =>
    report.arrivals.reduce((all, one) => all + each(one), 0)
  const found = [sum(({ found }) => found.events), sum(({ found }) => found.deadLetters)]
  assert.deepEqual(found, [expected, broken])
  t.diagnostic(foundText('pages', { kills: killed, events: expected, deadLetters: broken }))
  const [[rows] = []] = await kappa.rows('SELECT uniqExact(productId) FROM inventory.catalogue_items')
  assert.equal(Number(rows), PAGES * PER_PAGE - broken)
  const saved = await kappa.run('ingest', 'pages', '--source', 'supplier-shop', '--saved', '--json')
  assert.equal(saved.out.trim().split('\n').length, PAGES, saved.err)

  site.layout = 'renamed'
  const changed = await kappa.run(...args)
  assert.equal(changed.code, 1, 'a round that could not take in everything is a failure')
  const alert = await kappa.run('tail', 'kappa.alerts.v1', '--last', '1', '--count', '1')
  assert.match(alert.out, /firing/)
  assert.match(alert.out, /\[data-product\] matches nothing/)
  // browsers go with the process that was killed
  const browsers = () =>
    execFileSync('ps', ['-eo', 'args'])
      .toString()
      .split('\n')
      .filter((line) => line.includes(kappa.folder) && line.includes('browser-'))
  await until(
    async () => browsers(),
    ({ length }) => length === 0,
    10_000,
  )
  assert.deepEqual(readdirSync(join(kappa.folder, 'spool', 'pages-supplier-shop')), [])
})

test('parts of the data sets go in once, and again changes nothing', { timeout: 180_000 }, async () => {
  for (const [line, tallies] of [
    ['import offers', { 'retail.coupons.v1': 116_204, 'retail.campaign-mailings.v1': 6_589 }],
    ['import fleet', { 'aviation.airlines.v1': 16, 'aviation.planes.v1': 3_322 }],
    ['import promotions --limit 3000', { 'retail.store-promotions.v1': 3_000 }],
    ['import us-flights --from 2001-01-01 --to 2001-01-01 --limit 3000', { 'aviation.us-flights.v1': 3_000 }],
  ] as const) {
    for (const again of [false, true]) {
      const { code, out, err } = await kappa.run(...line.split(' '), '--json')
      assert.equal(code, 0, err)
      const summary = JSON.parse(out) as { alreadyComplete: boolean; tallies: Record<string, { written: number }> }
      const written = Object.entries(summary.tallies).map(([topic, tally]) => [topic, tally.written])
      assert.deepEqual([Object.fromEntries(written), summary.alreadyComplete], [tallies, again], line)
    }
  }
  const planes = await until(
    () => kappa.rows<readonly [string]>('SELECT uniqExact(tailNumber) FROM aviation.planes'),
    ([row]) => Number(row?.[0]) === 3_322,
    30_000,
  )
  assert.equal(planes.length, 1)
})
