import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '#engine/testing'
import { Robots } from './robots.ts'
import { shop } from './shop-fixture.ts'

const none = () => ({ items: [] })

test('robots.txt is obeyed: what is forbidden to us, to all, and how fast', async () => {
  await using site = await shop(none)
  site.robots = {
    text: 'User-agent: *\nDisallow: /\n\nUser-agent: Kappa\nDisallow: /private\nAllow: /private/open\nDisallow: /*?sort=\nCrawl-delay: 1.5',
  }
  const robots = new Robots(testClock())
  for (const [path, kind] of [
    ['/products', 'allowed'],
    ['/private/x', 'forbidden'],
    ['/private/open', 'allowed'],
    ['/products?sort=price', 'forbidden'],
  ] as const)
    assert.equal((await robots.permission(`${site.url}${path}`)).kind, kind, path)
  assert.deepEqual(await robots.permission(`${site.url}/products`), { kind: 'allowed', delayMs: 1_500 })
})

test('no robots.txt allows everything; one that cannot be had allows nothing until it can', async () => {
  await using site = await shop(none)
  site.robots = { status: 503 }
  const robots = new Robots(testClock())
  const unknown = await robots.permission(`${site.url}/private`)
  assert.ok(unknown.kind === 'unknown' && /503/.test(unknown.reason))
  site.robots = { status: 404 }
  assert.equal((await robots.permission(`${site.url}/private`)).kind, 'allowed')
  assert.equal((await robots.permission('http://127.0.0.1:1/')).kind, 'unknown')
})

test('robots.txt is asked for once an hour', async () => {
  await using site = await shop(none)
  const clock = testClock()
  const robots = new Robots(clock)
  assert.equal((await robots.permission(`${site.url}/private`)).kind, 'forbidden')
  site.robots = { text: '' }
  assert.equal((await robots.permission(`${site.url}/private`)).kind, 'forbidden')
  clock.advance(3_600_001)
  assert.equal((await robots.permission(`${site.url}/private`)).kind, 'allowed')
})
