import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Column } from './contract.ts'
import { dialect as mariadb } from './mariadb.ts'
import { dialect as postgresql } from './postgresql.ts'
import { pageStatement } from './statements.ts'

const column = (name: string, kind: Column['kind']): Column => ({
  name,
  kind,
  type: kind,
  nullable: false,
  fraction: 0,
})
const [at, id, ratio] = [column('at', 'instant'), column('id', 'integer'), column('ratio', 'single')]

test('a page goes on behind a row, in the order of its mark and key', () => {
  const query = {
    ...{ table: 'shop.orders', select: [id, ratio], orderBy: [at, id], limit: 10 },
    after: { columns: [at, id], values: ['2025-01-01 00:00:00', '9007199254740993'] },
    bound: { column: at, kind: 'below', value: '2025-01-02 00:00:00.000000' },
  } as const
  assert.equal(
    pageStatement(mariadb, query),
    "SELECT `id`, (`ratio` + 0e0) FROM `shop`.`orders` WHERE `at` >= '2025-01-01 00:00:00'" +
      " AND ((`at` > '2025-01-01 00:00:00') OR (`at` = '2025-01-01 00:00:00' AND `id` > 9007199254740993))" +
      " AND `at` < '2025-01-02 00:00:00.000000' ORDER BY `at`, `id` LIMIT 10",
  )
  assert.match(pageStatement(postgresql, query), /"at" >= '2025-01-01 00:00:00\+00'.*"id" > '9007199254740993'/)
  assert.equal(
    pageStatement(postgresql, { table: 'a', select: [id], orderBy: [id], limit: 5, after: undefined }),
    'SELECT "id" FROM "a" ORDER BY "id" LIMIT 5',
  )
})

test('values stay values, whatever they hold; what is no name is refused', () => {
  const text = column('t', 'text')
  for (const dialect of [mariadb, postgresql]) {
    assert.equal(dialect.literal("x' OR '1'='1", text), "'x'' OR ''1''=''1'")
    assert.equal(dialect.literal("\\' --", text), "'\\'' --'")
    const query = { select: [id], orderBy: [id], limit: 5, after: undefined }
    assert.throws(() => pageStatement(dialect, { ...query, table: 'a"; DROP TABLE b' }), { code: 'CONFIG_INVALID' })
  }
  assert.equal(mariadb.literal('1 OR 1=1', id), "'1 OR 1=1'")
})
