import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '#engine/time'
import { type Build, build } from './build.ts'
import { martNamed, martText, reading } from './mart-fixture.ts'
import type { WarehouseRow } from './warehouse.ts'

/** Answers as a database in which every query makes the one column, and some checks fail. */
function scripted({ failing = 0, type = 'UInt8' } = {}) {
  const statements: string[] = []
  return {
    statements,
    async run(statement: string) {
      statements.push(statement.replaceAll(/\s+/g, ' '))
    },
    async rows(query: string): Promise<readonly WarehouseRow[]> {
      if (query.startsWith('DESCRIBE')) return [{ name: 'id', type }]
      if (query.includes('AS place')) return [{ place: 0, failing }]
      if (query.startsWith('SELECT count()')) return [{ rows: '3' }]
      return query.includes('LIMIT') ? [{ id: 1 }] : []
    },
  }
}

const table = martNamed(
  'first',
  martText({ column: ', unique: true', header: 'order_by: [id]\n' }).replace(
    'materialized: view',
    'materialized: table',
  ),
)
const marts = [table, reading('second', 'first')]
const built = (warehouse: ReturnType<typeof scripted>): Promise<Build> =>
  build({ warehouse, marts, clock: systemClock, run: 'ab' })

test('what is made reads what this build made; names change after every check, and nothing of the build stays', async () => {
  const warehouse = scripted()
  const { published, marts: done } = await built(warehouse)
  assert.equal(published, true)
  assert.deepEqual(
    done.map(({ mart, rows }) => [mart, rows]),
    [
      ['first', 3],
      ['second', 3],
    ],
  )
  const kinds = warehouse.statements.map((statement) => statement.split(/[ (]/).slice(0, 3).join(' '))
  assert.deepEqual(kinds, [
    'CREATE DATABASE IF',
    'CREATE TABLE gold.first__next_ab',
    'INSERT INTO gold.first__next_ab',
    'CREATE VIEW gold.second__next_ab',
    'RENAME TABLE gold.first__next_ab',
    'CREATE OR REPLACE',
    'CREATE OR REPLACE',
    'CREATE OR REPLACE',
    'DROP TABLE IF',
    'DROP TABLE IF',
  ])
  assert.match(warehouse.statements[3] ?? '', /FROM gold\.first__next_ab/)
  assert.match(warehouse.statements[5] ?? '', /FROM gold\.first COMMENT/)
})

test('one row that breaks a check, and nothing takes its place', async () => {
  const warehouse = scripted({ failing: 1 })
  const { published, checks } = await built(warehouse)
  assert.equal(published, false)
  assert.deepEqual(checks, [{ mart: 'first', check: 'id unique', severity: 'error', failing: 1, rows: [{ id: 1 }] }])
  assert.ok(!warehouse.statements.some((statement) => /RENAME|EXCHANGE|REPLACE/.test(statement)))
  assert.equal(warehouse.statements.filter((statement) => statement.startsWith('DROP')).length, 2)
})

test('a query that makes another type than the file says is refused', async () => {
  await assert.rejects(built(scripted({ type: 'UInt16' })), {
    code: 'CONFIG_INVALID',
    message: /column 1 is declared as id UInt8, and the query makes id UInt16/,
  })
})
