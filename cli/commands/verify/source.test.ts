import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CutLog } from '#engine/delivery'
import { readCheckpoints } from '#engine/ingest'
import { systemClock } from '#engine/time'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'
import { Ledger } from '../../../producers/connectors/files/index.ts'
import { landingPlace, sourcesOf } from '../../../producers/connectors/files/landing-fixture.ts'
import { originText } from '../../../producers/connectors/origin.ts'
import { traceFile } from '../trace/file.ts'
import { traceText } from '../trace/text.ts'
import type { Counted } from './counts.ts'
import { reportOf } from './source.ts'

const TOPIC = 'electronics.order-rows.v1'
const HEADER = 'order_id,customer_id,product_id,category,quantity,price,currency,order_date\n'
const line = (i: number, price = '2.50') => `o-${i},c-${i % 7},p-1,toys,1,${price},EUR,2025-01-31T00:00:00.000Z\n`

async function taken(t: { after(done: () => void): void }) {
  const [source] = sourcesOf(`
sources:
  - name: orders
    from: .
    files: [{ name: '*.csv', topic: ${TOPIC}, columns: { orderedAt: order_date } }]
`)
  if (source === undefined) throw new Error('no source')
  const place = await landingPlace(temporaryFolder(t))
  place.write('a.csv', HEADER + line(1) + line(2, 'dear') + line(3))
  place.write('b.csv', HEADER + line(4))
  await place.ingest(source)
  const { broker } = place
  const logOf = (sink: string) => new CutLog({ sink, broker, clock: systemClock })
  const logs = { clickhouse: logOf('clickhouse'), s3: logOf('s3'), redis: logOf('redis') }
  const report = () => reportOf('orders', { broker, logs, clickhouse: {} } as unknown as Counted)
  const entries = new Ledger(await readCheckpoints(broker, 'files-orders')).entries
  return { ...place, report, entry: entries.find(({ name }) => name === 'a.csv') ?? assert.fail() }
}

test('lines are events and dead letters, each once', async (t) => {
  const { report } = await taken(t)
  const { arrivals, unbalanced, unfinished } = await report()
  assert.deepEqual([unbalanced, unfinished], [[], []])
  const [arrival] = arrivals
  assert.deepEqual(
    [arrivals.length, arrival?.topic, arrival?.lines, arrival?.found, arrival?.equal],
    [1, TOPIC, 4, { events: 3, deadLetters: 1 }, true],
  )
})

test('one lost and one twice are not in balance, though the sums are', async (t) => {
  const { broker, report, entry } = await taken(t)
  const producer = await broker.producer()
  const unit = entry.sha256.slice(0, 32)
  const origin = originText({ source: 'files-orders', unit, line: 2, takenAt: entry.begunAt })
  await producer.send({ topic: TOPIC, key: null, value: null, headers: { 'kappa.origin': Buffer.from(origin) } })
  await producer.flush()
  await producer.close()
  const { arrivals, unbalanced } = await report()
  assert.deepEqual(
    arrivals.map(({ equal, events, found }) => [equal, events, found.events]),
    [[false, 3, 4]],
  )
  assert.deepEqual(
    unbalanced.map(({ file, lines, found, twice }) => [file, lines, found, twice]),
    [['a.csv', 3, 3, 1]],
  )
})

test('events of others between a source’s own do not count', async (t) => {
  const { broker, report } = await taken(t)
  const producer = await broker.producer()
  for (const headers of [
    {},
    { 'kappa.origin': Buffer.from('files-others|u|1|0') },
    { 'kappa.origin': Buffer.from('nonsense') },
  ])
    await producer.send({ topic: TOPIC, key: null, value: Buffer.from('x'), headers })
  await producer.flush()
  await producer.close()
  assert.ok((await report()).arrivals.every(({ equal }) => equal))
})

test('a trace says where a file and its lines went', async (t) => {
  const { broker, entry } = await taken(t)
  const trace = await traceFile(broker, 'bucket', 'orders', entry, 4)
  assert.equal(
    trace.offsets[TOPIC]?.reduce((sum, { events }) => sum + events, 0),
    2,
  )
  assert.deepEqual(
    trace.rejects.map(({ line, bytes, reason }) => [line, bytes, reason]),
    [
      [
        3,
        `${HEADER.length + line(1).length}+${line(2, 'dear').length}`,
        'column price cannot be read as a required decimal',
      ],
    ],
  )
  const [place] = trace.line ?? []
  assert.match(place?.query ?? '', /^SELECT \* FROM electronics\.order_rows WHERE _partition = \d AND _offset = \d+$/)
  const rejected = await traceFile(broker, 'bucket', 'orders', entry, 3)
  assert.deepEqual(
    rejected.line?.map(({ topic }) => topic),
    [`${TOPIC}.dead-letter`],
  )
  const text = traceText(trace, 20)
  assert.match(text, /original {2}s3:\/\/bucket\/raw\/orders\/.*a\.csv, \d+ bytes/)
  assert.match(text, /line 3 \(bytes \d+\+\d+\): column price cannot be read/)
})
