import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { topics } from '#schemas'
import { pagesConfig } from '../../../deploy/config.ts'
import { pagesSourcesOf } from './config.ts'

const read = (content: unknown) => pagesSourcesOf(content, 'pages.yml', topics)
const shipped = () => parse(readFileSync(pagesConfig({}), 'utf8')) as { sources: { pages: object[] }[] }

/** The shipped source with something else in it, or in its page. */
const changed = (more: object, page: object = {}) => {
  const [source] = shipped().sources
  return { sources: [{ ...source, pages: [{ ...source?.pages[0], ...page }], ...more }] }
}

test("the repository's own sources can be read: prices and dates as they are spelt there", () => {
  const [source] = read(shipped())
  const [kind] = source?.kinds ?? []
  assert.deepEqual([source?.name, source?.intervalMs, kind?.brokenShare], ['supplier-shop', 3_600_000, 0.1])
  const field = (name: string) => kind?.fields.find((one) => one.field === name)
  assert.equal(field('listPrice')?.read('1 234,50'), 123_450n)
  assert.equal(field('validFrom')?.read('01/03/2026 09:00'), Date.UTC(2026, 2, 1, 8))
  assert.deepEqual([field('productId')?.select, field('productId')?.attribute], [undefined, 'data-product'])
  assert.equal(field('supplier')?.inPage, true)
})

test('what cannot be used is refused by source, page and field', () => {
  const { fields } = (shipped().sources[0]?.pages[0] ?? {}) as { fields: Record<string, unknown> }
  const { name: _, ...nameless } = fields
  for (const [content, message] of [
    [changed({ url: 'shop' }), /source supplier-shop: url is not an address/],
    [changed({ interval: 'soon' }), /source supplier-shop: interval is not a duration/],
    [changed({ perMinute: 0 }), /source supplier-shop: perMinute/],
    [changed({ colour: 'red' }), /source supplier-shop: .*colour/],
    [changed({ pages: [] }), /source supplier-shop: pages are none/],
    [changed({}, { topic: 'no.such.v1' }), /page products: topic 'no.such.v1' is no contract/],
    [changed({}, { topic: 'crm.customers.v1' }), /page products: crm.customers.v1 has personal fields/],
    [changed({}, { fields: { ...fields, colour: '.x' } }), /fields names 'colour', no field of inventory/],
    [changed({}, { fields: nameless }), /page products: name is missing/],
    [changed({}, { set: { name: 'x' } }), /page products: name is there twice/],
    [changed({}, { set: { name: 'x' }, fields: nameless, key: 'id' }), /key names 'id'/],
    [changed({}, { order: 'name' }), /order: name is neither/],
    [changed({}, { fields: nameless, seen: ['name'] }), /seen: name is no instant/],
    [changed({}, { brokenAtMost: 'few' }), /page products: brokenAtMost is not a share/],
    [changed({}, { fields: { ...fields, name: { select: 'a', pattern: '(' } } }), /page products: fields/],
    [changed({}, { fields: { ...fields, name: { in: 'page' } } }), /name: in the page, it needs a selector/],
    [changed({}, { dates: ['when'] }), /page products: date 1: is no date format/],
    [{ sources: [...changed({}).sources, ...changed({}).sources] }, /sources name a source twice/],
  ] as const)
    assert.throws(() => read(content), { code: 'CONFIG_INVALID', message })
})
