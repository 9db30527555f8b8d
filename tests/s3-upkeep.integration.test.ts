import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Broker, kafkaBroker } from '#engine/broker'
import { cutHistoryTopic } from '#engine/delivery'
import { connectRegistry } from '#engine/schema'
import { type CouponRedemption, couponRedemptions } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'
import { ObjectStore } from '../sinks/s3/index.ts'

// The jobs over S3's objects as an operator runs them, on the real stack: compact, iceberg, expire; verify after each.

const ROWS = 2_000
const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-upkeep-'))
const kappa = new URL('../cli/kappa.mjs', import.meta.url).pathname
const running = new Set<ChildProcess>()
let stack: RunningStack
let broker: Broker

before(async () => {
  const services = ['kafka', 'registry', 'clickhouse', 's3'] as const
  stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: [...services] })
  broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
})
after(async () => {
  for (const child of running) child.kill('SIGKILL')
  await broker?.close()
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [kappa, ...args], {
    env: { ...process.env, KAPPA_DATA: dataFolder, KAPPA_REDIS_URL: 'redis://127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

async function answer<T>(...args: string[]): Promise<{ code: number | null; said: T }> {
  const child = start(...args, '--topic', couponRedemptions.name, '--json')
  const parts: Buffer[] = []
  child.stdout?.on('data', (part: Buffer) => parts.push(part))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said: JSON.parse(Buffer.concat(parts).toString()) as T }
}

async function redeem(): Promise<void> {
  const registry = connectRegistry({ url: stack.addresses.registry.url })
  const schemaId = await registry.register(couponRedemptions)
  await registry.close()
  const producer = await broker.producer()
  for (let i = 0; i < ROWS; i++) {
    const fields = couponRedemptions.contract.fields.map(({ name, type, nullable }) => {
      if (nullable) return [name, null]
      if (type.kind === 'timestamp') return [name, 1_735_689_600_000 + i * 60_000]
      return [name, type.kind === 'string' ? `${name}-${i}` : i]
    })
    const value = Object.fromEntries(fields) as CouponRedemption
    const key = Buffer.from(couponRedemptions.keyOf(value))
    await producer.send({ topic: couponRedemptions.name, key, value: couponRedemptions.frame(schemaId, value) })
  }
  await producer.flush()
  await producer.close()
}

async function deliver(): Promise<void> {
  const sink = start('sink', 'run', 's3', '--topic', couponRedemptions.name, '--rows', '250', '--age', '1 second')
  const exited = once(sink, 'exit')
  const history = cutHistoryTopic('s3')
  for (let waited = 0; waited < 120; waited++) {
    await pause(500)
    const { code, said } = await answer<Verified>('verify')
    if (code === 0 && said.findings.some(({ found }) => found.rows === ROWS)) break
  }
  assert.ok((await broker.admin.topics()).has(history))
  sink.kill('SIGINT')
  await exited
}

interface Verified {
  readonly equal: boolean
  readonly findings: readonly { readonly store: string; readonly found: { readonly rows: number } }[]
}

async function verified(): Promise<void> {
  const { code, said } = await answer<Verified>('verify', '--deep')
  assert.deepEqual([code, said.equal], [0, true])
  const rows = said.findings.filter(({ store }) => store.startsWith('s3')).map(({ found }) => found.rows)
  assert.deepEqual(rows, [ROWS, ROWS])
}

test('compact, iceberg and expire: kappa verify finds every row once after each', async () => {
  await broker.admin.ensure([{ name: couponRedemptions.name, partitions: 4, settings: { 'retention.ms': '-1' } }])
  await redeem()
  await deliver()
  const store = new ObjectStore(stack.addresses.s3)
  const silver = async () => (await store.list(`silver/${couponRedemptions.name}/`)).length
  const small = await silver()
  assert.ok(small >= 8, `${small} files`)

  const table = await answer<readonly { rows: number; version: number; files: number }[]>('sink', 'iceberg', 's3')
  assert.deepEqual([table.code, table.said[0]?.rows, table.said[0]?.files], [0, ROWS, small])

  const now = ['--older-than', '0 seconds', '--grace', '0 seconds']
  const dry = await answer<readonly { files: number; into: number }[]>('sink', 'compact', 's3', '--dry-run', ...now)
  assert.deepEqual([dry.code, dry.said[0]?.files, await silver()], [0, small, small])
  const compacted = await answer<readonly { into: number; deleted: number }[]>('sink', 'compact', 's3', ...now)
  assert.ok((compacted.said[0]?.into ?? 0) >= 1 && (compacted.said[0]?.deleted ?? 0) >= small)
  assert.equal(await silver(), compacted.said[0]?.into)
  await verified()
  const after = await answer<readonly { rows: number; files: number }[]>('sink', 'iceberg', 's3')
  assert.deepEqual([after.said[0]?.rows, after.said[0]?.files], [ROWS, compacted.said[0]?.into])

  const expired = await answer<{ topics: readonly { objects: number }[] }>(
    'sink',
    'expire',
    's3',
    '--grace',
    '0 seconds',
  )
  assert.deepEqual([expired.code, expired.said.topics[0]?.objects], [0, 0])
  await verified()
  store.close()
})
