import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shippedSources, sourcesOf } from './landing-fixture.ts'

const source = (files: string, more = ''): string => `
sources:
  - name: crm
    from: data
    ${more}
    files: [${files}]
`
const ORDERS = "{ name: '*.csv', topic: crm.orders.v1 }"

test('the sources that are shipped can be read, and cover what is written', () => {
  const names = shippedSources().map(({ name }) => name)
  for (const name of ['staging', 'web', 'crm', 'advertising', 'ventes']) assert.ok(names.includes(name), name)
})

test('what is wrong is said with the source, the files and the field', () => {
  for (const [yaml, message] of [
    ['sources: 7', /reading the test: sources /],
    [source(ORDERS, 'colour: red'), /source crm: .*colour/],
    [source(ORDERS, 'still: soon'), /source crm: still is not a duration/],
    [source(ORDERS, 'encoding: klingon'), /source crm: encoding is no encoding/],
    [source(ORDERS, 'encoding: utf-16le'), /source crm: encoding is no encoding that can be read/],
    [source(ORDERS, 'timeZone: Mars/Olympus'), /source crm: timeZone is no time zone/],
    [source(ORDERS, 'dates: [iso, XX]'), /source crm: dates 1 is no date format/],
    [source(ORDERS, "delimiter: ';;'"), /source crm: delimiter is not one character/],
    [source(''), /source crm: files is empty/],
    [source("{ name: '*.csv' }"), /source crm: files \*\.csv: needs a topic, or rows/],
    [source("{ name: '*.txt', topic: crm.orders.v1 }"), /source crm: files \*\.txt: format is missing/],
    [source("{ name: '*.csv', format: xls, topic: crm.orders.v1 }"), /files \*\.csv: format is none of csv, json/],
    [source("{ name: '*.csv', topic: crm.nothing.v1 }"), /files \*\.csv: there is no topic crm\.nothing\.v1/],
    [
      source("{ name: '*.csv', topic: crm.orders.v1, columns: { colour: c } }"),
      /crm\.orders\.v1: it has no field colour/,
    ],
    [source("{ name: '*.csv', topic: crm.orders.v1, set: { changedAt: soon } }"), /changedAt cannot be 'soon'/],
    [source(ORDERS).replace('crm\n', 'C R M\n'), /source C R M: name is not of lower-case letters/],
    [`${source(ORDERS)}${source(ORDERS).replace('\nsources:\n', '')}`, /sources name a source twice/],
  ] as const)
    assert.throws(() => sourcesOf(yaml), { code: 'CONFIG_INVALID', message }, yaml)
})

test('patterns: a star stays in its folder, two go through all', () => {
  const matching = (pattern: string, name: string) =>
    sourcesOf(source(`{ name: '${pattern}', format: csv, topic: crm.orders.v1 }`))[0]?.kinds[0]?.matches(name)
  assert.ok(matching('a_*.csv', 'a_1.csv') && matching('**/*.csv', 'x/y/a.csv') && matching('**/*.csv', 'a.csv'))
  assert.ok(!matching('a_*.csv', 'x/a_1.csv') && !matching('a?.csv', 'a.csv') && !matching('a.csv', 'aXcsv'))
})

test('what a source says of spelling holds for its files, unless these say otherwise', () => {
  const files = "{ name: 'a.csv', topic: crm.orders.v1 }, { name: 'b.csv', topic: crm.orders.v1, delimiter: '|' }"
  const kinds = sourcesOf(source(files, "delimiter: ';'"))[0]?.kinds ?? []
  assert.deepEqual(
    kinds.map(({ format }) => (format.format === 'csv' ? format.delimiter : '')),
    [';', '|'],
  )
})
