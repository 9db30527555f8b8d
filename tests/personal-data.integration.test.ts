import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateShopEvents } from '../producers/shop/index.ts'
import { install, until } from './installation.ts'

const DAY = '2025-01-06'
const EVENTS = 2_000

function* filesOf(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesOf(path)
    else if (entry.isFile()) yield path
  }
}

const PIECE = 1 << 20
const ZEROS = Buffer.alloc(PIECE)

/** The file without its holes (Kafka preallocates indexes), or an empty buffer where it was deleted meanwhile. */
function bytesOf(path: string): Buffer {
  try {
    const file = openSync(path, 'r')
    const pieces: Buffer[] = []
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE)
      const read = readSync(file, piece)
      if (read === 0) break
      const part = piece.subarray(0, read)
      if (!part.equals(ZEROS.subarray(0, read))) pieces.push(part)
    }
    closeSync(file)
    return Buffer.concat(pieces)
  } catch {
    return Buffer.alloc(0)
  }
}

test('no e-mail, name or full IP of a shopper is in any file of the installation', { timeout: 400_000 }, async (t) => {
  await using kappa = await install()
  assert.equal((await kappa.run('schemas', 'register')).code, 0)
  const processors = ['masked-page-views', 'masked-clicks', 'masked-cart-changes', 'masked-purchases']
  kappa.start('run', 'processor', ...processors)
  kappa.start('sink', 'run', 'clickhouse')
  kappa.start('sink', 'run', 's3', '--age', '2 seconds')
  const flags = [
    '--mode',
    'batch',
    '--start-date',
    DAY,
    '--end-date',
    DAY,
    '--events-per-day',
    String(EVENTS),
    '--seed',
    '11',
  ]
  const produced = await kappa.run('produce', 'shop', ...flags)
  assert.equal(produced.code, 0, produced.err)

  const people = new Set<string>()
  const sessions = new Set<string>()
  for (const { value } of generateShopEvents({ start: Date.parse(DAY), days: 1, eventsPerDay: EVENTS, seed: 11 })) {
    sessions.add(value.sessionId)
    for (const text of [value.ip, value.email, 'name' in value ? value.name : null]) if (text) people.add(text)
  }
  assert.ok(people.size > 100, `${people.size} personal texts`)

  const masked =
    "SELECT sum(total_rows) FROM system.tables WHERE database = 'shop' AND name LIKE 'masked_%' AND total_rows > 0"
  await until(
    async () => Number((await kappa.rows(masked).catch(() => []))[0]?.[0] ?? 0),
    (rows) => rows >= EVENTS,
    120_000,
  )
  await until(
    () => kappa.run('verify', '--json'),
    ({ code }) => code === 0,
    90_000,
  )

  const found: string[] = []
  const places = new Set<string>()
  const [control] = sessions
  for (const path of filesOf(kappa.folder)) {
    // Lets connections be served between files.
    await new Promise(setImmediate)
    const bytes = bytesOf(path)
    if (control !== undefined && bytes.includes(control))
      places.add(path.slice(kappa.folder.length + 1).split('/')[0] ?? '')
    for (const text of people) if (bytes.includes(text)) found.push(`${text} in ${path.slice(kappa.folder.length)}`)
  }
  await t.test('the search finds what is not personal', () => assert.ok(places.has('kafka'), [...places].join()))
  await t.test('and nothing that is', () => assert.deepEqual(found.slice(0, 10), []))
  await t.test('e-mails are joinable pseudonyms, addresses are prefixes', async () => {
    const [row] = await kappa.rows(
      "SELECT countIf(emailPseudonym LIKE '%@%'), countIf(NOT match(ipPrefix, '/(24|48)$')), count() FROM shop.masked_purchases",
    )
    assert.deepEqual(row?.slice(0, 2).map(Number), [0, 0])
    assert.ok(Number(row?.[2]) > 0)
  })
})
