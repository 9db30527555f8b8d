import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { type Exported, readMarts } from '../../marts/index.ts'
import { ClickHouseWarehouse } from '../../sinks/clickhouse/index.ts'
import { ObjectStore } from '../../sinks/s3/index.ts'
import { pythonWithClient } from '../clients/python.ts'
import { checkApi, resultStatements } from './api.ts'
import { marketingStatements, toldToPython } from './marketing-raw.ts'
import { rawRows, statementsOf } from './raw.ts'
import { recommendedOf, recommendedStatements } from './recommended.ts'

// Gold from raw rows to the cent: built, tested and exported by the command line, read by clients that are not ours, and
// compared with what pandas makes of the same rows.

const folder = mkdtempSync(join(tmpdir(), 'kappa-marts-'))
// Made before anything is open: it takes a second or two in which nothing else runs.
const raw = rawRows()
let stack: RunningStack
let warehouse: ClickHouseWarehouse
before(async () => {
  stack = await startStack({
    dataFolder: folder,
    cacheFolder: cacheFolder(),
    ports: 'free',
    services: ['clickhouse', 's3'],
  })
  warehouse = new ClickHouseWarehouse(stack.addresses.clickhouse)
})
after(async () => {
  await warehouse?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The one row that a question has, as JSON; nothing for a statement. */
async function ask(statement: string): Promise<string> {
  if (statement.startsWith('SELECT')) return JSON.stringify(await warehouse.rows(statement, 'asking'))
  await warehouse.run(statement, 'preparing')
  return ''
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a program to its end. */
function ended(
  file: string,
  args: readonly string[],
  { input = '' }: { readonly input?: string } = {},
): Promise<Ended> {
  const child = spawn(file, args, { env: { ...process.env, KAPPA_DATA: folder, NODE_OPTIONS: '' } })
  const text = { out: '', err: '' }
  child.stdout.on('data', (piece: Buffer) => (text.out += piece))
  child.stderr.on('data', (piece: Buffer) => (text.err += piece))
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...text }))
  })
}

const entry = fileURLToPath(new URL('../../cli/kappa.mjs', import.meta.url))
const marts = (...args: readonly string[]): Promise<Ended> => ended(process.execPath, [entry, 'marts', ...args])

test('every figure is what pandas makes of the raw rows, in ClickHouse and in Parquet', async () => {
  for (const statement of statementsOf(raw)) await ask(statement)
  for await (const statement of marketingStatements(raw)) await ask(statement)
  const recommended = await recommendedOf(raw.lines)
  for (const statement of recommendedStatements(recommended)) await ask(statement)
  const built = await marts('build')
  assert.equal(built.code, 0, built.err + built.out)
  const exported = await marts('export', '--json')
  assert.equal(exported.code, 0, exported.err)
  const files = new Map((JSON.parse(exported.out) as Exported[]).map(({ mart, files }) => [mart, files]))
  const store = new ObjectStore(stack.addresses.s3)
  const all = readMarts('Europe/Paris')
  for (const { name, category } of all) {
    const manifest = JSON.parse(String(await store.get(`gold/${category}/${name}/manifest.json`)))
    assert.deepEqual(manifest.files, files.get(name))
    for (const { object } of manifest.files) {
      mkdirSync(dirname(join(folder, object)), { recursive: true })
      writeFileSync(join(folder, object), (await store.get(object)) ?? '')
    }
  }
  store.close()
  writeFileSync(
    join(folder, 'raw.json'),
    JSON.stringify({ ...raw, ...toldToPython(raw), ...recommended }, (_, value) =>
      typeof value === 'bigint' ? Number(value) : value,
    ),
  )
  const { username, password, url } = stack.addresses.clickhouse
  const question = {
    raw: join(folder, 'raw.json'),
    ...{ port: Number(new URL(url).port), username, password },
    marts: all.map(({ name, english, columns }) => ({
      name,
      english,
      columns: columns.map(({ name }) => name),
      englishColumns: columns.map(({ english }) => english),
      files: (files.get(name) ?? []).map(({ object }) => join(folder, object)),
    })),
  }
  const script = fileURLToPath(new URL('reader.py', import.meta.url))
  const read = await ended(await pythonWithClient(), ['-B', script], { input: JSON.stringify(question) })
  assert.equal(read.code, 0, read.err)
  const seen = JSON.parse(read.out) as Record<string, { readonly rows: number }>
  assert.deepEqual(Object.keys(seen).sort(), all.map(({ name }) => name).sort())
  for (const [name, { rows, ...found }] of Object.entries(seen)) {
    assert.ok(rows > 0, `${name} is empty`)
    assert.deepEqual(found, { clickhouse: [rows, 0, []], parquet: [rows, 0, []], english: [rows, true] }, name)
  }

  const again = await marts('export', '--json')
  assert.ok(
    (JSON.parse(again.out) as Exported[]).every(({ changed }) => !changed),
    'the same was written twice',
  )
})

test('the API gives every table as ClickHouse has it, and stops at Ctrl-C', async () => {
  for (const statement of resultStatements()) await ask(statement)
  await checkApi(folder, stack.addresses.clickhouse, ended)
})

test('a row that breaks a test is shown, and what is published stays', async () => {
  const revenue = 'SELECT sum(ca), count() FROM gold.fact_ca_pays'
  const before = await ask(revenue)
  await ask(
    "INSERT INTO ventes.masked_clients (idClient, dateInscription, pays, _version) VALUES ('C-odd', '2025-01-01 00:00:00', 'fr', 1)",
  )
  await ask(
    "INSERT INTO ventes.achats (idAchat, idClient, dateAchat, montant, produit, _offset) VALUES ('Y1-1', 'C-odd', '2026-01-02 00:00:00', 5, 'x', 999999)",
  )
  const refused = await marts('build', '--json')
  assert.equal(refused.code, 1)
  const { published, checks } = JSON.parse(refused.out)
  assert.equal(published, false)
  const errors = checks.filter(
    (one: { failing: number; severity: string }) => one.failing > 0 && one.severity === 'error',
  )
  assert.deepEqual(errors, [
    {
      mart: 'dim_clients',
      check: 'pays matches ^([A-Z]{2}|unknown)$',
      severity: 'error',
      failing: 1,
      rows: [{ pays: 'fr', rows: '1' }],
    },
  ])
  assert.equal(await ask(revenue), before)
  const left = "SELECT name FROM system.tables WHERE database = 'gold' AND name LIKE '%__next_%'"
  assert.equal(await ask(left), '[]')
  const held = await marts('test')
  assert.equal(held.code, 0, held.out)
  assert.match(held.out, /warning {2}fact_achats: date_achat not older than 48 hours/)

  await ask("ALTER TABLE gold.dim_clients DELETE WHERE id_client = 'C-nobody' SETTINGS mutations_sync = 2")
  const broken = await marts('test', '--select', 'fact_achats')
  assert.equal(broken.code, 1)
  assert.match(
    broken.out,
    /FAILED {2}fact_achats: id_client references dim_clients\.id_client; 1 row is not so\n.*C-nobody/,
  )
})
