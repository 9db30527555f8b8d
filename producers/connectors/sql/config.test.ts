import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { topics } from '#schemas'
import { sqlConfig, sqlPassword, sqlPasswordVariable } from '../../../deploy/config.ts'
import { sqlSourcesOf } from './config.ts'
import type { Column, SqlSource } from './contract.ts'
import { openTable } from './rows.ts'

const clients = { table: 'clients', topic: 'ventes.clients.v1', key: 'id_client', mark: { column: 'updated_at' } }
const source = (table: object = {}, more: object = {}) => ({
  sources: [
    {
      name: 'shop',
      kind: 'mariadb',
      host: 'localhost',
      database: 'd',
      user: 'u',
      tables: [{ ...clients, ...table }],
      ...more,
    },
  ],
})
const read = (content: unknown): readonly SqlSource[] => sqlSourcesOf(content, 'sql.yml', topics)

test("the repository's own sources can be read; a field's column follows from its name", () => {
  const [boutique] = read(parse(readFileSync(sqlConfig({}), 'utf8')))
  assert.equal(boutique?.port, 3_306)
  assert.deepEqual(boutique?.tables[0]?.columns, {
    ...{ idClient: 'id_client', nom: 'nom', email: 'email', dateInscription: 'date_inscription', pays: 'pays' },
  })
})

test('the password comes from the environment, by the name of the source', () => {
  assert.equal(sqlPasswordVariable('shop-2'), 'KAPPA_SQL_PASSWORD_SHOP_2')
  assert.equal(sqlPassword('shop-2', { KAPPA_SQL_PASSWORD_SHOP_2: 'x' }), 'x')
  assert.equal(sqlPassword('shop', {}), undefined)
  assert.throws(() => read(source({}, { password: 'x' })), { message: /source shop: .*password/ })
})

test('what cannot be used is refused by source, table and field', () => {
  for (const [content, message] of [
    [source({}, { kind: 'oracle' }), /source shop: kind/],
    [source({}, { port: 70_000 }), /source shop: port/],
    [source({}, { timeZone: 'Mars/Base' }), /source shop: timeZone is not a time zone/],
    [source({}, { lag: 'soon' }), /source shop: lag is not a duration/],
    [source({}, { tables: [] }), /source shop: tables are none/],
    [source({ table: 'a; DROP TABLE b' }), /source shop: table a; DROP TABLE b: table is no name/],
    [source({ key: 'x`y' }), /table clients: key/],
    [source({ topic: 'no.such.v1' }), /table clients: topic 'no.such.v1' is no contract/],
    [
      source({ columns: { name: 'nom' } }),
      /table clients: columns names 'name', which is no field of ventes.clients.v1/,
    ],
    [source({ set: { colour: 'red' } }), /set names 'colour'/],
    [source({ truncate: ['x'] }), /truncate names 'x'/],
    [source({ join: { pays: 'x' } }), /join: pays: 'x' names no column/],
    [source({ join: { dateInscription: '{a}' } }), /join: dateInscription is no text/],
    [source({ mark: { column: 'updated_at', kind: 'guess' } }), /table clients: mark kind/],
    [source({ key: 'email', sweepEvery: '1 hour' }), /sweepEvery: its key is personal/],
    [{ sources: [...source().sources, ...source().sources] }, /source shop is there twice/],
    [source({}, { tables: [clients, clients] }), /table clients is there twice/],
  ] as const)
    assert.throws(() => read(content), { code: 'CONFIG_INVALID', message }, JSON.stringify(content))
})

const column = (name: string, kind: Column['kind'], more: Partial<Column> = {}): Column => ({
  ...{ name, kind, type: kind, nullable: false, fraction: 0 },
  ...more,
})
const columns = [
  ...['id_client', 'nom', 'email', 'pays'].map((name) => column(name, 'text')),
  ...[column('date_inscription', 'date'), column('updated_at', 'instant', { fraction: 6 })],
]
const open = (content: unknown, there: readonly Column[] = columns) => {
  const [own = assert.fail()] = read(content)
  return openTable(own, own.tables[0] ?? assert.fail(), there)
}

test('a table that does not fit is refused when it is opened, naming the column', () => {
  const without = (name: string) => columns.filter((one) => one.name !== name)
  const with_ = (one: Column) => [...without(one.name), one]
  for (const [content, there, message] of [
    [source(), [], /has none of this name/],
    [source(), without('pays'), /has no column pays; there are id_client/],
    [source(), with_(column('pays', 'bytes')), /field pays: column pays is bytes/],
    [source(), with_(column('id_client', 'text', { nullable: true })), /key column id_client may be null/],
    [source(), with_(column('updated_at', 'date')), /mark updated_at is date, not a moment/],
    [source({ mark: { column: 'email', kind: 'id' } }), columns, /mark email is text, not a whole number/],
    [
      source({}, { timeZone: 'Europe/Paris' }),
      with_(column('updated_at', 'local-timestamp')),
      /clocks in Europe\/Paris are set back/,
    ],
  ] as const)
    assert.throws(() => open(content, there), { code: 'CONFIG_INVALID', message })
})

test('a row that is no event is kept by the names of its fields, with its key; a personal key is not told', () => {
  const cells = ['c1', null, 'a@b.fr', 'FR', '2025-01-01', '2025-01-02 03:04:05']
  const table = open(source())
  const row = table.select.map(({ name }) => cells[columns.findIndex((one) => one.name === name)] ?? null)
  const broken = table.rowOf(row, 7, 1_000)
  assert.deepEqual(broken, {
    topic: topics.find(({ name }) => name === 'ventes.clients.v1'),
    found: { idClient: 'c1', nom: null, email: 'a@b.fr', dateInscription: '2025-01-01', pays: 'FR' },
    reason: 'column nom is null, and field nom may not be',
    place: { file: 'shop/clients?id_client=c1', line: 7, origin: 'sql-shop|clients|7|1000' },
  })
  const hidden = open(source({ key: 'email' }))
  const { file } = hidden.rowOf(
    hidden.select.map(() => 'a@b.fr'),
    1,
    0,
  ).place
  assert.match(file, /^shop\/clients\?[0-9a-f]{16}$/)
})
