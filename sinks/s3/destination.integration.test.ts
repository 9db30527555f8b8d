import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { CutLog, fingerprint, Lane, type LaneStep } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { sales, untilNow, type World, world } from '../../engine/delivery/delivery-fixture.ts'
import { BronzeArchive, currentOf, ObjectStore, readManifests, S3Destination, setCurrent } from './index.ts'

const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-s3-'))
let stack: RunningStack
let store: ObjectStore

before(async () => {
  stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['s3'] })
  store = new ObjectStore(stack.addresses.s3)
})
after(async () => {
  store?.close()
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

/** Every test has a bucket of its own. */
const bucketOf = (name: string) => ({ ...stack.addresses.s3, bucket: name })

async function deliver(at: World, bucket: string, kill?: LaneStep) {
  let visits = 0
  const log = new CutLog({ sink: 's3', broker: at.broker, clock: systemClock })
  await log.ensure()
  const destination = new S3Destination({ address: bucketOf(bucket), registry: at.registry, silverOf: () => 'day' })
  const lane = new Lane(
    at.options({
      destination,
      log,
      limits: { rows: 100, bytes: 1_000_000, ageMs: 20 },
      until: await untilNow(at.broker, sales.name),
      atStep: (step) => {
        if (step === kill && ++visits === 2) throw new Error('killed')
      },
    }),
  )
  const ended = await lane.run(new AbortController().signal)
  await destination.close()
  return { ended, lane }
}

test('bronze and silver hold every row once, also after being killed at every step', async () => {
  const at = await world()
  at.sell(500)
  at.broker.write({ topic: sales.name, partition: 0, key: Buffer.from('bad'), value: Buffer.from('not framed') })
  for (const step of [3, 3.5, 4, 4.5] as const) assert.equal((await deliver(at, 'rows', step)).ended, 'failed')
  const { ended, lane } = await deliver(at, 'rows')
  assert.equal(ended, 'finished')
  assert.deepEqual([lane.status.rows, lane.status.refused], [501, 1])

  const own = new ObjectStore(bucketOf('rows'))
  const archive = new BronzeArchive(own)
  const ranges = await archive.ranges(sales.name)
  const archived = (await Promise.all(ranges.map((range) => archive.read(sales.name, range)))).flat()
  assert.deepEqual(archived, at.broker.committed(sales.name))
  assert.equal(ranges[0]?.minEventTime, 1_700_000_000_000)
  assert.match(ranges[0]?.object ?? '', /^bronze\/test\.sales\.v1\/partition=00\/00000000000000000000-\d{20}\.avro$/)

  const manifests = await readManifests(own, sales.name)
  const silver = manifests.flatMap((manifest) => manifest.silver)
  assert.equal(
    silver.reduce((sum, { rows }) => sum + rows, 0),
    500,
  )
  const rows: Record<string, unknown>[] = []
  for (const { object } of silver) {
    assert.match(object, /^silver\/test\.sales\.v1\/date=2023-11-14\/g1-0-\d{10}\.parquet$/)
    const file = await fileOf(own, object)
    rows.push(...(await parquetReadObjects({ file })))
  }
  assert.equal(new Set(rows.map(({ saleId }) => saleId)).size, 500)
  const sale = rows.find(({ saleId }) => saleId === 's123')
  assert.equal(sale?.amount, 1.23)
  assert.deepEqual(sale?.soldAt, new Date(1_700_000_123_000))
  const good = fingerprint(at.broker.committed(sales.name).filter(({ key }) => key?.toString() !== 'bad'))
  const sum = rows.reduce((total, row) => BigInt.asUintN(64, total + (row._hash as bigint)), 0n)
  assert.equal(sum.toString(), good.hashSum)
  own.close()
})

test('silver says what its columns are and between which values they lie', async () => {
  const at = await world()
  at.sell(10)
  await deliver(at, 'types')
  const own = new ObjectStore(bucketOf('types'))
  const [object] = (await readManifests(own, sales.name)).flatMap(({ silver }) => silver)
  const { schema, row_groups } = parquetMetadata(await fileOf(own, object?.object ?? ''))
  const typeOf = (name: string) => {
    const { type, converted_type, precision, scale, repetition_type } = schema.find((one) => one.name === name) ?? {}
    return [type, converted_type, precision, scale, repetition_type]
  }
  assert.deepEqual(typeOf('amount'), ['INT64', 'DECIMAL', 18, 2, 'REQUIRED'])
  assert.deepEqual(typeOf('soldAt'), ['INT64', 'TIMESTAMP_MILLIS', undefined, undefined, 'REQUIRED'])
  assert.deepEqual(typeOf('_hash'), ['INT64', 'UINT_64', undefined, undefined, 'REQUIRED'])
  const soldAt = row_groups[0]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'soldAt')?.meta_data
  assert.deepEqual(soldAt?.statistics?.min_value, new Date(1_700_000_000_000))
  assert.equal(soldAt?.codec, 'SNAPPY')
  own.close()
})

test('what no manifest names is not there, and what is altered or missing is refused by name', async () => {
  const at = await world()
  at.sell(30)
  await deliver(at, 'altered')
  const own = new ObjectStore(bucketOf('altered'))
  await own.put(
    'bronze/test.sales.v1/partition=00/00000000000000000099-00000000000000000100.avro',
    Buffer.from('x'),
    'a/b',
  )
  const ranges = await new BronzeArchive(own).ranges(sales.name)
  assert.equal(
    ranges.reduce((sum, { count }) => sum + count, 0),
    30,
  )
  const [first, second] = ranges
  assert.ok(first && second)
  const file = await own.get(second.object)
  await own.put(first.object, file ?? Buffer.alloc(0), 'application/avro')
  const mismatch = (about: RegExp) => (thrown: unknown) =>
    thrown instanceof KappaError && thrown.code === 'CUT_MISMATCH' && about.test(thrown.message)
  await assert.rejects(new BronzeArchive(own).read(sales.name, first), mismatch(/the row of offset 0 is not as it was/))
  await own.put(first.object, Buffer.from('nothing'), 'application/avro')
  await assert.rejects(new BronzeArchive(own).read(sales.name, first), mismatch(/not an Avro object container/))
  own.close()
})

test('silver is the live one until a promotion points elsewhere', async () => {
  assert.deepEqual(await currentOf(store, 'a.b.v1'), { generation: 1, parts: [{ prefix: 'silver/a.b.v1/' }] })
  const promoted = {
    generation: 2,
    parts: [{ prefix: 'silver/a.b.v1.g2/', range: { from: 1, to: 2 } }, { prefix: 'silver/a.b.v1/' }],
  }
  await store.ensure()
  await setCurrent(store, 'a.b.v1', promoted)
  assert.deepEqual(await currentOf(store, 'a.b.v1'), promoted)
})

test('a store that is away is a retriable error', async () => {
  const nowhere = new ObjectStore({ ...stack.addresses.s3, endpoint: 'http://127.0.0.1:9' })
  await assert.rejects(nowhere.ensure(), (thrown) => thrown instanceof KappaError && thrown.retriable)
  nowhere.close()
})

async function fileOf(own: ObjectStore, key: string): Promise<ArrayBuffer> {
  const bytes = await own.get(key)
  assert.ok(bytes, key)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
}
