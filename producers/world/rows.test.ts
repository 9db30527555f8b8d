import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SourceRow } from '#engine/ingest'
import { type BatchOptions, domainsOf, worldImport, worldOptionsOf } from './index.ts'

function batch(flags: Readonly<Record<string, unknown>> = {}): BatchOptions {
  const options = worldOptionsOf({
    mode: 'batch',
    startDate: '2025-01-03',
    endDate: '2025-01-05',
    eventsPerDay: '5000',
    initialCustomers: '200',
    tables: true,
    to: 'kafka',
    ...flags,
  })
  return options.mode === 'batch' ? options : assert.fail('it is a stream')
}

async function rowsAfter(after: number): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const some of worldImport('all', batch()).rows(after)) {
    assert.ok(some.length > 0 && some.length <= 10_000)
    rows.push(...some)
  }
  return rows
}

test('an import that is resumed goes on with the very next row, and counts on', async () => {
  const all = await rowsAfter(0)
  assert.ok(all.length > 12_000)
  assert.deepEqual(
    all.map(({ place }) => place.line),
    all.map((_, i) => i + 1),
  )
  for (const after of [9_999, 10_000, all.length]) {
    const rest = await rowsAfter(after)
    assert.equal(rest.length, all.length - after)
    assert.deepEqual(rest[0], all[after])
    assert.deepEqual(rest.at(-1), after === all.length ? undefined : all.at(-1))
  }
})

test('two batches have one name only where they have the same events', () => {
  const names = [
    batch(),
    batch({ seed: '2' }),
    batch({ endDate: '2025-01-06' }),
    batch({ eventsPerDay: '5001' }),
    batch({ initialCustomers: '201' }),
    batch({ frequency: 'hourly' }),
    batch({ worldStart: '2025-01-02' }),
    batch({ tables: false }),
    batch({ incident: ['holiday@2025-01-04T00:00Z+1d'] }),
  ].flatMap((options) => ['all', 'web'].map((what) => worldImport(what, options).importId))
  assert.equal(new Set(names).size, names.length)
  assert.equal(worldImport('all', batch()).importId, names[0])
})

test('a batch announces the topics of its domains, each once', () => {
  const names = worldImport('all', batch()).topics.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  assert.deepEqual(
    worldImport('weather', batch()).topics.map(({ name }) => name),
    ['weather.reports.v1'],
  )
  assert.equal(domainsOf('all').length, 9)
})
