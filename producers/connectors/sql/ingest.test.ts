import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCheckpoints } from '#engine/ingest'
import { kafkaTopicOf, memoryRegistry } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { achats, type RowDeletion, rowDeletions } from '#schemas'
import { hoursIn } from '../hours.ts'
import { sqlSourcesOf } from './config.ts'
import type { Cell, Column, Database, PageQuery } from './contract.ts'
import { ingestSql } from './ingest.ts'

interface Row {
  readonly id: string
  readonly at: number
}

const column = (name: string, kind: Column['kind']): Column => ({
  name,
  kind,
  type: kind,
  nullable: false,
  fraction: 0,
})
const COLUMNS = [
  ...['id_achat', 'id_client', 'produit'].map((name) => column(name, 'text')),
  ...[column('date_achat', 'instant'), column('montant', 'decimal'), column('updated_at', 'instant')],
]
const moment = (at: number): string => new Date(at).toISOString().slice(0, 23).replace('T', ' ')

/** A table in memory, whose clock its test owns; rows as they would be written at that time. */
function memoryDatabase() {
  const rows = new Map<string, Row>()
  const state = { now: Date.UTC(2025, 0, 1), connections: 0, failures: 0 }
  const cellOf = ({ id, at }: Row, name: string): Cell =>
    ({ id_achat: id, id_client: 'c', produit: 'p', date_achat: moment(at), montant: '1.10', updated_at: moment(at) })[
      name
    ] ?? null
  const connect = async (): Promise<Database> => {
    state.connections++
    return {
      columns: async () => COLUMNS,
      now: async () => moment(state.now),
      settledAt: async (lagMs) => moment(state.now - lagMs),
      largest: async () => null,
      without: async () => 0,
      async page({ select, orderBy, after, bound, limit }: PageQuery) {
        const texts = (row: Row) => orderBy.map(({ name }) => String(cellOf(row, name)))
        const order = (a: readonly string[], b: readonly string[]): number => {
          const i = a.findIndex((text, at) => text !== b[at])
          return i === -1 ? 0 : (a[i] ?? '') < (b[i] ?? '') ? -1 : 1
        }
        const found = [...rows.values()]
          .filter((row) => after === undefined || order(texts(row), after.values) > 0)
          .filter((row) => bound === undefined || String(cellOf(row, bound.column.name)) < bound.value)
          .sort((a, b) => order(texts(a), texts(b)))
        return found.slice(0, limit).map((row) => select.map(({ name }) => cellOf(row, name)))
      },
      close: async () => void state.connections--,
    }
  }
  return {
    state,
    connect,
    /** Writes rows now, one a millisecond. */
    write(...ids: readonly string[]): void {
      for (const id of ids) rows.set(id, { id, at: state.now++ })
    },
    remove(...ids: readonly string[]): void {
      for (const id of ids) rows.delete(id)
    },
    /** Until everything written has settled. */
    pass(): void {
      state.now += 10_000
    },
  }
}

async function world(table: object = {}) {
  const [broker, registry, database] = [fakeBroker(), memoryRegistry(), memoryDatabase()]
  for (const topic of [achats, rowDeletions]) {
    await registry.register(topic)
    await broker.admin.ensure([kafkaTopicOf(topic, { partitions: 2 })])
  }
  const own = {
    table: 'achats',
    topic: achats.name,
    key: 'id_achat',
    mark: { column: 'updated_at' },
    sweepEvery: '1 hour',
    ...table,
  }
  const declared = { name: 'shop', kind: 'mariadb', host: 'h', database: 'd', user: 'u', batch: 10, tables: [own] }
  const [source = assert.fail()] = sqlSourcesOf({ sources: [declared] }, 'test', [achats])
  const round = async (sweepNow = false) => {
    const { tables } = await ingestSql({
      ...{
        source,
        password: undefined,
        connect: database.connect,
        app: 'test',
        broker,
        registry,
        once: true,
        sweepNow,
      },
    })
    assert.equal(broker.openClients(), 0)
    assert.equal(database.state.connections, 0)
    return tables[0] ?? assert.fail()
  }
  return { broker, database, round }
}

const idsIn = (broker: FakeBroker): readonly string[] =>
  broker.committed(achats.name).map(({ value }) => achats.decode((value as Buffer).subarray(5)).idAchat)
const goneIn = (broker: FakeBroker): readonly string[] =>
  broker
    .committed(rowDeletions.name)
    .map(({ value }) => (rowDeletions.decode((value as Buffer).subarray(5)) as RowDeletion).rowKey)
const names = (from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `a${from + i}`)

test('every row once, changed ones again, whatever becomes of commits', async () => {
  const { broker, database, round } = await world()
  database.write(...names(0, 95))
  database.pass()
  broker.failNextCommits(['unknown', 'aborted', 'unreachable', 'unknown'])
  await round()
  assert.deepEqual([idsIn(broker).length, new Set(idsIn(broker)).size], [95, 95])
  database.write('a3', 'a200')
  database.pass()
  broker.failNextCommits(['unknown'])
  await round()
  assert.deepEqual(idsIn(broker).slice(95), ['a3', 'a200'])
  assert.equal((await round()).rows, 0)
})

test('what is not settled yet waits', async () => {
  const { broker, database, round } = await world()
  database.write('a0')
  assert.equal((await round()).rows, 0)
  database.state.now += 2_001
  assert.equal((await round()).rows, 1)
  assert.deepEqual(idsIn(broker), ['a0'])
})

test('deletions are told once, whatever becomes of the commit that tells them', async () => {
  const { broker, database, round } = await world()
  database.write(...names(0, 50))
  database.pass()
  await round()
  database.write('short')
  database.pass()
  await round()
  database.remove('a7', 'a8', 'short')
  for (const fault of ['unknown', 'aborted'] as const) {
    broker.failNextCommits([fault])
    await round(true)
  }
  assert.deepEqual([...goneIn(broker)].sort(), ['["a7"]', '["a8"]', '["short"]'])
  database.write('a7')
  database.pass()
  assert.equal((await round(true)).deleted, 0)
  database.remove('a7')
  assert.equal((await round(true)).deleted, 1)
  assert.equal(goneIn(broker).length, 4)
  const sums: Record<string, number> = {}
  for (const hour of Object.values(hoursIn(await readCheckpoints(broker, 'sql-shop'))))
    for (const [topic, [events]] of Object.entries(hour)) sums[topic] = (sums[topic] ?? 0) + events
  assert.deepEqual(sums, { [achats.name]: 52, [rowDeletions.name]: 4 })
})

test('a row that comes and goes before it is read is not told of', async () => {
  const { broker, database, round } = await world()
  database.write('a0', 'a1')
  database.pass()
  await round()
  database.write('a2')
  assert.equal((await round(true)).deleted, 0)
  database.remove('a2')
  assert.equal((await round(true)).deleted, 0)
  assert.deepEqual(goneIn(broker), [])
})

test('another mark over the same table is refused: rows would be missed or doubled', async () => {
  const { broker, database, round } = await world()
  database.write('a0')
  database.pass()
  await round()
  const registry = memoryRegistry()
  for (const topic of [achats, rowDeletions]) await registry.register(topic)
  const own = { table: 'achats', topic: achats.name, key: 'id_achat', mark: { column: 'date_achat' } }
  const declared = { name: 'shop', kind: 'mariadb', host: 'h', database: 'd', user: 'u', tables: [own] }
  const [source = assert.fail()] = sqlSourcesOf({ sources: [declared] }, 'test', [achats])
  await assert.rejects(
    ingestSql({ source, password: undefined, connect: database.connect, app: 'test', broker, registry, once: true }),
    { code: 'CONFIG_INVALID', message: /was read by updated_at, id_achat so far, and by date_achat, id_achat now/ },
  )
})
