import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parquetMetadata } from 'hyparquet'
import { systemClock } from '#engine/time'
import type { ObjectStore } from '../object-store.ts'
import { readColumns } from '../upkeep/columns.ts'
import { GoldShelf, type GoldTable } from './shelf.ts'

/** A bucket in memory that notes in which order it is written to. */
function bucket() {
  const objects = new Map<string, Uint8Array>()
  const written: string[] = []
  const store = {
    bucket: 'memory',
    putNew: async (key: string, body: Uint8Array) => {
      if (objects.has(key)) return false
      objects.set(key, body)
      return true
    },
    put: async (key: string, body: Uint8Array) => {
      objects.set(key, body)
      written.push(key)
    },
    get: async (key: string) => {
      const body = objects.get(key)
      return body === undefined ? undefined : Buffer.from(body)
    },
    list: async (prefix: string) =>
      [...objects.keys()].filter((key) => key.startsWith(prefix)).map((key) => ({ key, bytes: 0, modified: 0 })),
    delete: async (keys: readonly string[]) => {
      for (const key of keys) objects.delete(key)
    },
  } as unknown as ObjectStore
  return { store, objects, written }
}

const table: GoldTable = {
  name: 'fact_x',
  category: 'facts',
  columns: [
    { name: 'id', type: 'String' },
    { name: 'day', type: 'Nullable(Date)' },
    { name: 'at', type: "DateTime64(3, 'Europe/Paris')" },
    { name: 'hour', type: "DateTime('Europe/Paris')" },
    { name: 'amount', type: 'Decimal(38, 2)' },
    { name: 'small', type: 'Nullable(Decimal(18, 2))' },
    { name: 'count', type: 'UInt64' },
    { name: 'place', type: 'UInt8' },
    { name: 'share', type: 'Float64' },
    { name: 'is', type: 'Bool' },
  ],
}
const at = '2025-10-26T00:30:00.123Z'
const hour = '2025-10-26T00:00:00Z'
const row = (id: string): readonly unknown[] => [
  ...[id, '2025-01-31', at, hour, '-12345678901234567890.12', '-0.05'],
  ...['9007199254740993', 7, 0.1, true],
]
const nulls = ['n', null, at, hour, '0', null, '0', 0, 'nan', false]

async function* batches(...rows: readonly (readonly unknown[])[]): AsyncGenerator<readonly (readonly unknown[])[]> {
  yield rows
}

test('every type comes back as it was, to the last digit', async () => {
  const { store, objects } = bucket()
  const [file] = await new GoldShelf(store).write(table, batches(row('a'), nulls))
  assert.ok(file)
  const bytes = objects.get(file.object)
  assert.ok(bytes)
  const { rows } = await readColumns(Buffer.from(bytes))
  const [first, second] = rows
  assert.deepEqual(
    { ...first },
    {
      ...{ id: 'a', day: 20_119, at: BigInt(Date.parse(at)), hour: BigInt(Date.parse(hour)) },
      ...{ amount: -1234567890123456789012n, small: -5n, count: 9007199254740993n, place: 7, share: 0.1, is: true },
    },
  )
  assert.deepEqual([second?.day, second?.small, second?.share], [null, null, Number.NaN])
})

test('the manifest comes behind the files, what was there before goes, and the same again changes nothing', async () => {
  const { store, objects, written } = bucket()
  let now = 0
  const shelf = new GoldShelf(store, { clock: { ...systemClock, now: () => now }, graceMs: 1_000 })
  const put = async (...rows: readonly (readonly unknown[])[]): Promise<boolean> => {
    const files = await shelf.write(table, batches(...rows))
    const { name, category, columns } = table
    return await shelf.publish({ table: name, category, owner: 'tests', columns, rows: rows.length, files })
  }
  const gold = () => [...objects.keys()].filter((key) => key.startsWith('gold/'))
  assert.equal(await put(row('a')), true)
  assert.match(
    written.join(' '),
    /^gold\/facts\/fact_x\/[0-9a-f]{16}\.parquet gold\/facts\/fact_x\/manifest\.json iceberg/,
  )
  assert.equal(await put(row('a')), false)
  const [before] = written
  now = 10_000
  assert.equal(await put(row('b')), true)
  assert.ok(objects.has(before ?? ''), 'a snapshot that a reader may be at names it')
  now = 10_500
  assert.equal(await put(row('c')), true)
  assert.deepEqual([gold().length, objects.has(before ?? '')], [4, true], 'two exports within the grace')
  now = 12_000
  assert.equal(await put(row('c')), false)
  assert.equal(gold().length, 2)
  assert.ok(!objects.has(before ?? ''))
})

test('row groups are of some ten thousand rows, and each says between which values its columns lie', async () => {
  const { store, objects } = bucket()
  const rows = Array.from({ length: 21_000 }, (_, i) => {
    const [, ...others] = row('')
    return [String(i).padStart(6, '0'), ...others]
  })
  const [file, ...more] = await new GoldShelf(store).write(table, batches(...rows))
  assert.ok(file !== undefined && more.length === 0)
  const bytes = Buffer.from(objects.get(file.object) ?? [])
  const { row_groups: groups } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  assert.deepEqual(
    groups.map(({ num_rows: count }) => Number(count)),
    [20_000, 1_000],
  )
  const bounds = groups.map(({ columns }) =>
    columns.map(({ meta_data: data }) => [data?.statistics?.min_value, data?.statistics?.max_value]),
  )
  assert.deepEqual(
    bounds.map(([first]) => first),
    [
      ['000000', '019999'],
      ['020000', '020999'],
    ],
  )
  assert.ok(bounds.flat(2).every((bound) => bound !== undefined && bound !== null))
})

test('a table without rows has its columns, and a type that gold has not is named', async () => {
  const { store, objects } = bucket()
  const shelf = new GoldShelf(store)
  const [empty] = await shelf.write(table, batches())
  assert.equal(empty?.rows, 0)
  assert.ok((objects.get(empty.object)?.length ?? 0) > 100)
  await assert.rejects(shelf.write({ ...table, columns: [{ name: 'tags', type: 'Array(String)' }] }, batches()), {
    code: 'CONFIG_INVALID',
    message: /column tags .* Array\(String\)/,
  })
})
