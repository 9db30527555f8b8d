import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkText, failingRows } from './checks.ts'
import { martNamed, martText } from './mart-fixture.ts'

test('a file says what a mart is, and its columns what must be so of them', () => {
  const mart = martNamed(
    'x',
    martText({
      column: ', unique: true, not_null: true, min: 1, max: 9, in: ["1"], matches: "^1$", references: y.id',
      header:
        'tests:\n  - { unique: [id], severity: warn }\n  - { freshness: { column: id, within: 2 days } }\n  - { name: none is seven, rows: "SELECT * FROM gold.x WHERE id = 7" }\n',
    }),
  )
  assert.deepEqual(mart.checks.map(checkText), [
    'id unique',
    'id not null',
    'id one of 1',
    'id matches ^1$',
    'id ≥ 1 and ≤ 9',
    'id references y.id',
    'id unique',
    'id not older than 48 hours',
    'none is seven',
  ])
  assert.deepEqual(
    mart.checks.map(({ severity }) => severity === 'warn'),
    [false, false, false, false, false, false, true, false, false],
  )
  const queries = mart.checks.map((check) => failingRows(mart, check, 1_000_000_000))
  assert.equal(queries[0], 'SELECT id, count() AS rows FROM gold.x GROUP BY id HAVING rows > 1')
  assert.match(queries[5] ?? '', /id IS NOT NULL AND id NOT IN \(SELECT id FROM gold\.y\)/)
  assert.match(queries[7] ?? '', /< 827200000$/)
})

test('the zone is filled in everywhere, and nothing else is', () => {
  const text = martText({ sql: "SELECT toDate(now(), '{{time_zone}}') AS id" })
  assert.equal(martNamed('x', text).sql, "SELECT toDate(now(), 'Europe/Paris') AS id")
  assert.throws(() => martNamed('x', martText({ sql: 'SELECT {{other}} AS id' })), { message: /\{\{other\}\}/ })
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  ['no header', 'SELECT 1', /does not begin with a comment/],
  ['no query', martText({ sql: '' }), /does not begin with a comment/],
  ['a key that means nothing', martText({ column: ', uniqe: true' }), /columns\.id.*uniqe/],
  ['YAML that is none', martText({ header: 'tests: [\n' }), /facts\/x\.sql/],
  [
    'English columns without an English name',
    martText().replace('english: english_name\n', ''),
    /^[^:]*: id: a mart with/,
  ],
  ['a sort key for a view', martText({ header: 'order_by: [id]\n' }), /order_by is for tables/],
  ['a column that is not there', martText({ header: 'tests:\n  - { unique: [other] }\n' }), /no column other/],
  ['a table that is not there', martText({ sql: 'SELECT 1 AS id FROM ventes.nothing' }), /no table ventes\.nothing/],
  ['sealed fields', martText({ sql: 'SELECT 1 AS id FROM ventes.clients' }), /is sealed/],
  [
    'personal fields that come out as if they were none',
    martText({ sql: 'SELECT emailPseudonym AS id FROM ventes.masked_clients_latest' }),
    /emailPseudonym, which is personal/,
  ],
]
for (const [what, text, message] of refused)
  test(`refused: ${what}`, () => {
    assert.throws(() => martNamed('x', text), { code: 'CONFIG_INVALID', message })
  })

test('personal fields may come out where a column says so', () => {
  const sql = 'SELECT emailPseudonym AS id FROM ventes.masked_clients_latest'
  assert.deepEqual(martNamed('x', martText({ sql, column: ', pii: true' })).sources, ['ventes.masked_clients_latest'])
})
