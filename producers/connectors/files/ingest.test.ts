import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { appendFileSync, renameSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { readCheckpoints } from '#engine/ingest'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'
import { flawKindsOf } from '../../world/files/flaws.ts'
import { FilesWriter } from '../../world/files/index.ts'
import { domains, hoursOf, World } from '../../world/index.ts'
import { originOf } from '../origin.ts'
import { folderLanding, prefixLanding } from './landing.ts'
import { landingPlace, quickClock, shippedSources, sourcesOf } from './landing-fixture.ts'
import { Ledger } from './ledger.ts'
import { filesName } from './name.ts'
import { recount } from './recount.ts'

const NUMBERS = `
sources:
  - name: orders
    from: .
    finalNewline: true
    files:
      - { name: '*.csv', topic: electronics.order-rows.v1, columns: { orderedAt: order_date } }
`
const [orders] = sourcesOf(NUMBERS)
if (orders === undefined) throw new Error('no source')
const TOPIC = 'electronics.order-rows.v1'
const HEADER = 'order_id,customer_id,product_id,category,quantity,price,currency,order_date\n'
const line = (i: number) => `o-${i},c-1,p-${i},toys,1,2.50,EUR,2025-01-31T00:00:00.000Z\n`
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => line(from + i)).join('')

/** Line numbers of what came in, sorted, by the hash it came from. */
function cameIn(records: readonly { readonly headers: Readonly<Record<string, Buffer>> | undefined }[]): number[] {
  return records.map(({ headers }) => originOf(String(headers?.['kappa.origin']))?.line ?? -1).sort((a, b) => a - b)
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

test('a file comes in once, whatever its name and however often it is looked at; its original is kept', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  const content = HEADER + lines(0, 3)
  place.write('a.csv', content)
  const first = await place.ingest(orders)
  assert.deepEqual([first.taken.length, first.taken[0]?.rows, first.known], [1, 3, 0])
  place.write('copy.csv', content)
  const second = await place.ingest(orders)
  assert.deepEqual([second.taken.length, second.known], [0, 2])
  const third = await place.ingest(orders)
  assert.deepEqual([third.taken.length, third.known], [0, 2])
  assert.deepEqual(cameIn(place.broker.committed(TOPIC)), [2, 3, 4])
  const { original = '', sha256 } = first.taken[0] ?? assert.fail()
  assert.match(original, /^raw\/orders\/\d{4}-\d\d-\d\d\/a\.csv$/)
  assert.equal(String(place.original(original)), content)
  assert.equal(sha256, createHash('sha256').update(content).digest('hex'))
  assert.equal(String(place.original(`${original}.sha256`)), `${sha256}  a.csv\n`)
  assert.equal(place.broker.openClients(), 0)
})

test('other content under the same name is another file, and keeps an original of its own', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  place.write('a.csv', HEADER + lines(0, 2))
  const first = await place.ingest(orders)
  place.write('a.csv', HEADER + lines(5, 6))
  const second = await place.ingest(orders)
  const [one, other] = [first.taken[0]?.original ?? '', second.taken[0]?.original ?? '']
  assert.notEqual(one, other)
  assert.equal(String(place.original(one)), HEADER + lines(0, 2))
  assert.equal(String(place.original(other)), HEADER + lines(5, 6))
  assert.equal(place.broker.committed(TOPIC).length, 3)
})

test('a file that has grown brings its new lines alone, and the line that was cut', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  const whole = HEADER + lines(0, 5)
  place.write('a.csv', whole.slice(0, -20))
  await place.ingest(orders)
  assert.deepEqual(cameIn(place.broker.committed(TOPIC)), [2, 3, 4, 5])
  assert.deepEqual(cameIn(place.broker.committed(`${TOPIC}.dead-letter`)), [6])
  place.write('a.csv', whole)
  const grown = await place.ingest(orders)
  assert.deepEqual([grown.taken[0]?.passed, grown.taken[0]?.rows], [4, 1])
  place.write('a.csv', whole + lines(5, 7))
  const more = await place.ingest(orders)
  assert.deepEqual([more.taken[0]?.passed, more.taken[0]?.rows], [5, 2])
  place.write('a.csv', `${whole + lines(5, 7)}\n`)
  await place.ingest(orders)
  place.write('a.csv', `${whole + lines(5, 7)}\n${line(7)}`)
  await place.ingest(orders)
  assert.deepEqual(cameIn(place.broker.committed(TOPIC)), [2, 3, 4, 5, 6, 7, 8, 10])
})

test('a folder that is not there is an error, or has no files yet', async (t) => {
  const folder = temporaryFolder(t)
  const place = await landingPlace(folder)
  const none = join(folder, 'none')
  await assert.rejects(place.ingest(orders, { landing: folderLanding(none) }), {
    code: 'CONFIG_INVALID',
    message: /none/,
  })
  const { taken } = await place.ingest(orders, { landing: folderLanding(none, true) })
  assert.deepEqual(taken, [])
})

test('a prefix of the bucket is a place where files land', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  await place.objects.put('landing/orders/a.csv', Buffer.from(HEADER + lines(0, 2)), 'text/csv')
  await place.objects.put('landing/other/b.csv', Buffer.from(HEADER + lines(2, 3)), 'text/csv')
  const { taken } = await place.ingest(orders, { landing: prefixLanding(place.objects, 'landing/orders/') })
  assert.deepEqual(
    taken.map(({ name, rows }) => [name, rows]),
    [['a.csv', 2]],
  )
})

test('a file that is being written is left until it is still', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  place.write('a.csv', HEADER + lines(0, 2))
  place.write('b.csv.part', HEADER + lines(0, 2))
  const path = join(place.staging, 'a.csv')
  // an hour ahead of us: its time alone never makes it still
  const future = new Date(Date.now() + 3_600_000)
  utimesSync(path, future, future)
  const clock = quickClock(0)
  const growing = {
    ...clock,
    sleep: async (milliseconds: number) => {
      appendFileSync(path, line(9))
      utimesSync(path, future, future)
      await clock.sleep(milliseconds)
    },
  }
  const left = await place.ingest(orders, { clock: growing })
  assert.deepEqual([left.growing, left.taken.length], [['a.csv'], 0])
  const taken = await place.ingest(orders, { clock: quickClock(0) })
  assert.deepEqual([taken.growing, taken.taken[0]?.rows], [[], 3])
})

test('killed behind any transaction, and with commits that fail, each line is there once', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  const COUNT = 23_000
  place.write('a.csv', HEADER + lines(0, COUNT))
  place.write('b.csv', HEADER + lines(COUNT, COUNT + 10))
  for (let kill = 0; kill < 4; kill++) {
    await assert.rejects(
      place.ingest(orders, {
        onProgress: () => {
          throw new KappaError('STORE', 'dying')
        },
      }),
      /dying/,
    )
    // what lies there may be gone meanwhile: the original is what counts
    if (kill === 1) renameSync(join(place.staging, 'a.csv'), join(place.staging, 'moved.txt'))
  }
  place.broker.failNextCommits(['unknown', 'aborted', 'unreachable'])
  const summary = await place.ingest(orders)
  assert.deepEqual(summary.unmatched, ['moved.txt'])
  assert.deepEqual(
    summary.taken.map(({ name, rows }) => [name, rows]),
    [
      ['a.csv', COUNT],
      ['b.csv', 10],
    ],
  )
  assert.deepEqual(
    cameIn(place.broker.committed(TOPIC)),
    [...numbers(2, COUNT + 2), ...numbers(2, 12)].sort((a, b) => a - b),
  )
  const ledger = new Ledger(await readCheckpoints(place.broker, filesName('orders')))
  assert.deepEqual(ledger.entries.map(({ rows, endedAt }) => [rows, endedAt !== null]).sort(), [
    [10, true],
    [COUNT, true],
  ])
  const hours = ledger.entries.flatMap((entry) => Object.values(entry.hours)).map((topics) => topics[TOPIC]?.[0] ?? 0)
  assert.equal(
    hours.reduce((sum, count) => sum + count, 0),
    COUNT + 10,
  )
})

test('the signal ends a run after a transaction, and the next one goes on', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  place.write('a.csv', HEADER + lines(0, 12_000))
  const stop = new AbortController()
  await assert.rejects(place.ingest(orders, { signal: stop.signal, onProgress: () => stop.abort() }), {
    code: 'INTERRUPTED',
  })
  assert.equal(place.broker.committed(TOPIC).length, 5_000)
  await place.ingest(orders)
  assert.equal(place.broker.committed(TOPIC).length, 12_000)
})

test('watching takes files as they come, until the signal', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  const stop = new AbortController()
  let looks = 0
  const clock = quickClock()
  const watching = {
    ...clock,
    sleep: async (milliseconds: number) => {
      if (++looks === 1) place.write('late.csv', HEADER + lines(0, 2))
      if (looks === 3) stop.abort()
      await clock.sleep(milliseconds)
    },
  }
  const summary = await place.ingest(orders, { clock: watching, watch: { everyMs: 10 }, signal: stop.signal })
  assert.deepEqual([summary.taken.length, place.broker.committed(TOPIC).length], [1, 2])
})

test('a file is sent again on purpose, by name or hash, from its original', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  place.write('sub/a.csv', HEADER + lines(0, 2))
  const pattern = { ...orders, kinds: sourcesOf(NUMBERS.replace("'*.csv'", "'**/*.csv'"))[0]?.kinds ?? [] }
  const first = await place.ingest(pattern)
  rmSync(join(place.staging, 'sub'), { recursive: true })
  const again = await place.ingest(pattern, { again: 'a.csv' })
  assert.deepEqual([again.taken[0]?.again, again.taken[0]?.rows], [1, 2])
  const third = await place.ingest(pattern, { again: first.taken[0]?.sha256.slice(0, 12) ?? '' })
  assert.equal(third.taken[0]?.again, 2)
  assert.deepEqual(cameIn(place.broker.committed(TOPIC)), [2, 2, 2, 3, 3, 3])
  await assert.rejects(place.ingest(pattern, { again: 'b.csv' }), { code: 'CONFIG_INVALID', message: /no such file/ })
})

test('a sending that is killed, or whose commits fail, is gone on with and not sent once more', async (t) => {
  const place = await landingPlace(temporaryFolder(t))
  place.write('a.csv', HEADER + lines(0, 6_000))
  await place.ingest(orders)
  const dying = () => {
    throw new KappaError('STORE', 'dying')
  }
  await assert.rejects(place.ingest(orders, { again: 'a.csv', onProgress: dying }), /dying/)
  place.broker.failNextCommits(['unknown'])
  await place.ingest(orders, { again: 'a.csv' })
  const twice = [...numbers(2, 6_002), ...numbers(2, 6_002)].sort((a, b) => a - b)
  assert.deepEqual(cameIn(place.broker.committed(TOPIC)), twice)
  for (const fault of ['unknown', 'aborted'] as const) {
    const before = place.broker.committed(TOPIC).length
    place.broker.failNextCommits([fault, fault])
    await place.ingest(orders, { again: 'a.csv' })
    assert.equal(place.broker.committed(TOPIC).length - before, 6_000)
  }
})

test('an original is counted once more, and one that is not what was read is seen', async (t) => {
  const folder = temporaryFolder(t)
  const place = await landingPlace(folder)
  place.write('a.csv', HEADER + lines(0, 3))
  const [entry] = (await place.ingest(orders)).taken
  if (entry === undefined) return assert.fail()
  const path = join(folder, 'copy')
  assert.equal(await recount(orders, entry, place.objects, path), 3)
  await place.objects.put(entry.original, Buffer.from(HEADER), 'text/csv')
  assert.equal(await recount(orders, entry, place.objects, path), -1)
  assert.equal(await recount(orders, { ...entry, original: 'raw/none' }, place.objects, path), -1)
})

test('everything that `produce all --to files` writes comes in: without flaws all of it, with flaws line by line', async (t) => {
  const settings = {
    ...{ seed: 5, start: Date.UTC(2025, 0, 1), eventsPerDay: 1_500, initialCustomers: 120 },
    ...{ frequency: 'daily' as const, incidents: [] },
  }
  for (const flaws of [undefined, { kinds: flawKindsOf('all'), ratio: 0.02 }]) {
    const place = await landingPlace(temporaryFolder(t))
    const writer = new FilesWriter({ folder: place.staging, settings, ...(flaws ? { flaws } : {}) })
    const events = new Map<string, number>()
    for (const { hour, events: some } of hoursOf(new World(settings), {
      domains,
      start: settings.start,
      days: 1,
      tables: true,
    })) {
      writer.write(some, hour)
      for (const { topic } of some) events.set(topic.name, (events.get(topic.name) ?? 0) + 1)
    }
    writer.close()
    let [all, dead] = [0, 0]
    for (const source of shippedSources()) {
      const { taken, unmatched } = await place.ingest(source)
      assert.deepEqual(unmatched, flaws && source.name === 'truth' ? ['flaws.csv'] : [], source.name)
      for (const { rows, tallies } of taken) {
        all += rows
        for (const { written, deadLettered } of Object.values(tallies)) {
          dead += deadLettered
          all -= written + deadLettered
        }
      }
    }
    assert.equal(all, 0, 'every line is an event or a dead letter')
    if (flaws) assert.ok(dead > 20, `${dead} dead letters`)
    else {
      assert.equal(dead, 0)
      for (const [topic, count] of events) assert.equal(place.broker.committed(topic).length, count, topic)
    }
  }
})
