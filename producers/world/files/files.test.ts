import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { incidentOf } from '../../shop/incidents.ts'
import { domains, hoursOf, World, type WorldSettings } from '../index.ts'
import { HOUR_MS } from '../settings.ts'
import { csvLine, readerOf } from './cells.ts'
import { type FlawKind, type FlawOptions, flawKindsOf, misread } from './flaws.ts'
import { layouts } from './layouts.ts'
import { type FilesSummary, FilesWriter } from './writer.ts'

const START = Date.UTC(2025, 0, 1)
const settings: WorldSettings = {
  seed: 5,
  start: START,
  eventsPerDay: 1_500,
  initialCustomers: 120,
  frequency: 'daily',
  incidents: [incidentOf('quiet-night@2025-01-01T02:00Z+1h')],
}

interface Written {
  readonly summary: FilesSummary
  readonly files: ReadonlyMap<string, Buffer>
  /** Events as JSON, by topic, sorted. */
  readonly events: ReadonlyMap<string, readonly string[]>
}

const told = (value: object): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))

const made = new Map<string, Written>()

/** Some days of files; the same ones are written once. */
function written(flaws?: FlawOptions, days = 2): Written {
  const key = `${days} ${flaws ? [...flaws.kinds].join() + flaws.ratio : ''}`
  const known = made.get(key) ?? write(flaws, days)
  made.set(key, known)
  return known
}

function write(flaws: FlawOptions | undefined, days: number): Written {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-files-'))
  const writer = new FilesWriter({ folder, settings, ...(flaws ? { flaws } : {}) })
  const events = new Map<string, string[]>()
  for (const { hour, events: some } of hoursOf(new World(settings), { domains, start: START, days, tables: true })) {
    writer.write(some, hour)
    for (const { topic, value } of some)
      events.set(topic.name, [...(events.get(topic.name) ?? []), told(value as object)])
  }
  const summary = writer.close()
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const files = new Map(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [relative(folder, path), readFileSync(path)] as const
    }),
  )
  rmSync(folder, { recursive: true })
  return { summary, files, events }
}

const rowsOf = (bytes: Buffer | undefined): Record<string, string>[] =>
  parse(bytes ?? assert.fail('no such file'), { columns: true, relax_column_count: true })

const all = (ratio: number): FlawOptions => ({ kinds: flawKindsOf('all'), ratio })
const only = (kind: FlawKind, ratio: number): FlawOptions => ({ kinds: new Set([kind]), ratio })

test('files hold every event whole: read back, they are what Kafka gets', () => {
  const { files, events, summary } = written()
  const read = new Map<string, string[]>()
  for (const layout of layouts.filter(({ whole }) => whole)) {
    const reader = readerOf(layout)
    for (const [name, bytes] of files) {
      if (!new RegExp(`^${layout.stem}(_\\d{4}-\\d\\d-\\d\\d)?\\.csv$`).test(name)) continue
      for (const cells of rowsOf(bytes)) {
        const found = reader(cells)
        if ('reason' in found) return assert.fail(`${name}: ${found.reason}`)
        read.set(found.topic.name, [...(read.get(found.topic.name) ?? []), told(found.value)])
      }
    }
  }
  assert.deepEqual([...read.keys()].sort(), [...events.keys()].sort())
  for (const [topic, list] of events) assert.deepEqual(read.get(topic)?.sort(), [...list].sort(), topic)
  assert.equal(summary.files, files.size)
  assert.equal(
    summary.bytes,
    [...files.values()].reduce((sum, { length }) => sum + length, 0),
  )
})

test('the staging folder and the sources are as those systems had them', () => {
  const { files, events } = written()
  const [orders] = rowsOf(files.get('Staging/orders_2025-01-01.csv'))
  assert.match(orders?.order_id ?? '', /^o-/)
  assert.match(orders?.price ?? '', /^\d+\.\d\d$/)
  const interactions = JSON.parse(String(files.get('Staging/interactions_2025-01-02.json'))) as { type: string }[]
  assert.deepEqual([...new Set(interactions.map(({ type }) => type))].sort(), ['click', 'page_view', 'purchase'])
  const header = (name: string) => String(files.get(name)).split('\n')[0]
  assert.equal(header('data/sources/clients.csv'), 'id_client,nom,email,date_inscription,pays')
  assert.equal(header('data/sources/achats.csv'), 'id_achat,id_client,date_achat,montant,produit')
  assert.equal(rowsOf(files.get('data/sources/achats.csv')).length, events.get('ventes.achats.v1')?.length)
  assert.ok([...files.keys()].every((name) => !name.endsWith('.part')))
})

test('the same world gives the same files, byte for byte, flaws included', () => {
  const [one, other] = [write(all(0.02), 1), write(all(0.02), 1)]
  assert.deepEqual(other.files, one.files)
  assert.ok(one.summary.flaws > 50)
})

test('every flaw is written down, and nothing else differs', () => {
  const clean = written().files
  const { files } = written({ kinds: new Set(['missing', 'outliers', 'dates', 'duplicates'] as const), ratio: 0.03 })
  const kinds = new Map<string, number>()
  const byFile = new Map<string, { line: number; column: string; kind: string; original: string }[]>()
  for (const { file = '', line, column = '', kind = '', original = '' } of rowsOf(files.get('truth/flaws.csv'))) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    byFile.set(file, [...(byFile.get(file) ?? []), { line: Number(line), column, kind, original }])
  }
  assert.deepEqual([...kinds.keys()].sort(), ['dates', 'duplicates', 'missing', 'outliers'])
  for (const [name, bytes] of files) {
    if (!name.endsWith('.csv') || name === 'truth/flaws.csv') continue
    const lines = parse(bytes, { relax_column_count: true }) as string[][]
    const [header = []] = lines
    const twice = new Set<number>()
    for (const { line, column, kind, original } of byFile.get(name) ?? []) {
      const row = lines[line - 1] ?? assert.fail(`${name} has no line ${line}`)
      if (kind === 'duplicates') {
        assert.deepEqual(lines[line], row, `${name}:${line}`)
        twice.add(line)
      } else {
        const at = header.indexOf(column)
        assert.notEqual(row[at], original)
        row[at] = original
      }
    }
    const repaired = lines
      .filter((_, i) => !twice.has(i))
      .map(csvLine)
      .join('')
    assert.equal(repaired, String(clean.get(name)), name)
  }
})

test('UTF-8 read as Mac Roman and saved again can be told and turned back', () => {
  assert.equal(String(misread(Buffer.from('Zoë – Müller'))), 'Zo√´ ‚Äì M√ºller')
  const clean = written(undefined, 1).files
  const { files } = written(only('encoding', 0.1), 1)
  const spoilt = rowsOf(files.get('truth/flaws.csv')).filter(({ kind }) => kind === 'encoding')
  assert.ok(spoilt.some(({ file }) => file === 'data/sources/clients.csv'))
  for (const { file = '' } of spoilt) {
    const text = String(files.get(file))
    assert.notEqual(text, String(clean.get(file)))
    assert.equal(text, String(misread(clean.get(file) ?? Buffer.alloc(0))))
  }
})

test('a truncated file ends within its last line; a header may be spelt otherwise', () => {
  const clean = written(undefined, 1).files
  const { files } = written(only('truncated', 0.1), 1)
  const cut = [...files].filter(([name]) => name !== 'truth/flaws.csv')
  assert.ok(cut.length > 10)
  for (const [name, bytes] of cut) {
    const whole = clean.get(name) ?? assert.fail(name)
    if (String(whole).split('\n').length < 4) continue
    assert.ok(bytes.length < whole.length, name)
    assert.ok(whole.subarray(0, bytes.length).equals(bytes), name)
  }
  const headers = written(only('headers', 0.1), 1).files
  assert.notEqual(
    String(headers.get('data/raw/crm/orders_2025-01-01.csv')).split('\n')[0],
    String(clean.get('data/raw/crm/orders_2025-01-01.csv')).split('\n')[0],
  )
})

test('hourly files are named by their hour; an unknown flaw is refused', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-files-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const hourly = { ...settings, frequency: 'hourly' as const }
  const writer = new FilesWriter({ folder, settings: hourly })
  for (const { hour, events } of hoursOf(new World(hourly), { domains, start: START, days: 1, tables: false }))
    if (hour < START / HOUR_MS + 3) writer.write(events, hour)
  writer.close()
  const names = readdirSync(join(folder, 'data/raw/weather'))
  assert.deepEqual(names.sort(), [
    'reports_2025-01-01_00.csv',
    'reports_2025-01-01_01.csv',
    'reports_2025-01-01_02.csv',
  ])
  assert.throws(() => flawKindsOf('missing,typos'), { code: 'CONFIG_INVALID', message: /typos/ })
})
