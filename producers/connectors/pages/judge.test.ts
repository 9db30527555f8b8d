import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { topics } from '#schemas'
import { pagesConfig } from '../../../deploy/config.ts'
import { pagesSourcesOf } from './config.ts'
import type { PageKind } from './contract.ts'
import { expiredPages, failureKey } from './evidence.ts'
import { judge } from './judge.ts'

const NOW = Date.UTC(2026, 2, 2)

const kindOf = (change: object = {}): PageKind => {
  const content = parse(readFileSync(pagesConfig({}), 'utf8')) as { sources: { pages: object[] }[] }
  const [source] = content.sources
  const changed = { sources: [{ ...source, pages: [{ ...source?.pages[0], ...change }] }] }
  const [kind] = pagesSourcesOf(changed, 'pages.yml', topics)[0]?.kinds ?? []
  assert.ok(kind)
  return kind
}

const texts = (kind: PageKind, change: Record<string, string | null> = {}): (string | null)[] => {
  const usual: Record<string, string> = {
    ...{ productId: 'p-1', name: 'Lamp', category: 'lamps', listPrice: '1 019,90 €', unitCost: '8,10 € net' },
    ...{ supplier: 'Lumen', warehouse: 'Lille', validFrom: '2026-03-01T08:00:00Z' },
  }
  return kind.fields.map(({ field }) => (field in change ? (change[field] ?? null) : (usual[field] ?? null)))
}

const page = (...items: (string | null)[][]) => ({ items, empty: false, next: null })

test('texts become a value, whatever stands around the price', () => {
  const kind = kindOf()
  const { items, broken } = judge(kind, page(texts(kind)), NOW)
  assert.deepEqual(broken, [])
  const [[reading] = []] = items
  assert.ok(reading !== undefined && 'value' in reading)
  assert.deepEqual([reading.about, reading.order], ['p-1', Date.UTC(2026, 2, 1, 8)])
  assert.deepEqual(reading.value, {
    ...{ productId: 'p-1', name: 'Lamp', category: 'lamps', listPrice: 101_990n, unitCost: 810n },
    ...{ supplier: 'Lumen', warehouse: 'Lille', validFrom: Date.UTC(2026, 2, 1, 8) },
  })
})

test('a record without a required field, with what is no price, or against a rule is broken, and says why', () => {
  const kind = kindOf()
  for (const [change, reason] of [
    [{ listPrice: null }, /^listPrice: \.price is not there$/],
    [{ warehouse: null }, /^warehouse: the element @data-warehouse is not there$/],
    [{ listPrice: 'on request' }, /^listPrice: 'on request' does not match its pattern$/],
    [{ listPrice: '1.019,999 €' }, /^listPrice: '1.019,999' is no decimal$/],
    [{ validFrom: 'yesterday' }, /^validFrom: 'yesterday' is no timestamp$/],
    [{ name: '' }, /name/],
  ] as const) {
    const { items, broken } = judge(kind, page(texts(kind, change)), NOW, 'raw/x')
    const [[reading] = []] = items
    assert.ok(reading !== undefined && 'reason' in reading)
    assert.match(reading.reason, reason)
    assert.equal((reading.found as { page: string }).page, 'raw/x')
    assert.equal(broken.length, 1)
  }
})

test('a page without records has failed, unless it says so; many broken records are an alarm, few are not', () => {
  const kind = kindOf()
  const nothing = judge(kind, page(), NOW)
  assert.match(nothing.failure ?? '', /\[data-product\] matches nothing/)
  assert.equal(nothing.alarm, nothing.failure)
  assert.equal(nothing.items.length, 1)
  assert.deepEqual(judge(kind, { ...page(), empty: true }, NOW), { items: [], broken: [] })
  const mixed = (broken: number) =>
    page(...Array.from({ length: 20 }, (_, i) => texts(kind, i < broken ? { listPrice: null } : {})))
  assert.deepEqual([judge(kind, mixed(2), NOW).alarm, judge(kind, mixed(2), NOW).broken.length], [undefined, 2])
  assert.match(judge(kind, mixed(3), NOW).alarm ?? '', /3 of 20 records are broken \(listPrice: \.price/)
})

test('fields that say when a page was seen make no news', () => {
  const { fields } = parse(readFileSync(pagesConfig({}), 'utf8')).sources[0].pages[0]
  const { validFrom: _, ...rest } = fields
  const kind = kindOf({ fields: rest, seen: ['validFrom'], order: undefined })
  const [first, second] = [NOW, NOW + 1].map((now) => judge(kind, page(texts(kind)), now).items[0]?.[0])
  assert.ok(first && second && 'value' in first && 'value' in second)
  assert.notDeepEqual(first.value, second.value)
  assert.deepEqual(first.newsIn, second.newsIn)
})

test('the same failure has one name, however often it is met; a page that is broken as a whole has one a day', () => {
  const about = { source: 's', kind: 'products', url: 'http://x/1', receivedAt: NOW }
  const later = { ...about, receivedAt: NOW + 86_400_000 }
  assert.equal(failureKey(about, [{ a: 1 }], false), failureKey(later, [{ a: 1 }], false))
  assert.notEqual(failureKey(about, [{ a: 1 }], false), failureKey(about, [{ a: 2 }], false))
  assert.notEqual(failureKey(about, [], true), failureKey(later, [], true))
  assert.match(failureKey(about, [], true), /^raw\/pages\/s\/failures\/products-[0-9a-f]{20}$/)
})

test('saved pages go when they were kept for long enough', async () => {
  const list = async (prefix: string) =>
    [1, 2, 3].map((day) => ({ key: `${prefix}${day}.html`, bytes: 1, modified: NOW - day * 86_400_000 }))
  const keys = await expiredPages({ name: 'shop', keepMs: 2 * 86_400_000 }, { list }, NOW)
  assert.deepEqual(keys, ['raw/pages/shop/failures/2.html', 'raw/pages/shop/failures/3.html'])
})
