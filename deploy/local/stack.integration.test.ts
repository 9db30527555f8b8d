import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { createClient } from '@clickhouse/client'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import { KappaError } from '#engine/errors'
import { cacheFolder } from '../config.ts'
import { commandOf } from './processes/identity.ts'
import { isFree, ownerOf } from './processes/ports.ts'
import { metadataLevel, NEWEST_LEVEL } from './services/metadataVersion.ts'
import { readSettings } from './settings.ts'
import { attachStack, type RunningStack, startStack } from './stack.ts'
import { stackStatus } from './status.ts'
import { temporaryFolder } from './temporary.ts'

// One real stack in a folder of its own, on free ports; each test is given it in the state the one before left it in.

const cleanUps: (() => void)[] = []
const dataFolder = temporaryFolder({ after: (done) => cleanUps.push(done) })
const folders = { dataFolder, cacheFolder: cacheFolder() }
let stack: RunningStack

before(async () => {
  stack = await startStack({ ...folders, ports: 'free' })
})

after(async () => {
  await stack?.stop()
  for (const cleanUp of cleanUps) cleanUp()
})

const kafka = () =>
  new Kafka({ brokers: [...stack.addresses.kafka.brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } })
const redis = () => new Redis(stack.addresses.redis.url)
function s3(): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = stack.addresses.s3
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } })
}

const clickhouse = () => createClient(stack.addresses.clickhouse)

const subject = () => `${stack.addresses.registry.url}/subjects/shop.purchases.v1-value/versions`
const schema = { schema: JSON.stringify({ type: 'record', name: 'Purchase', fields: [{ name: 'id', type: 'long' }] }) }
let schemaId = 0

async function registerSchema(): Promise<number> {
  const answer = await fetch(subject(), {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(schema),
  })
  assert.equal(answer.status, 200)
  const { id } = (await answer.json()) as { id: number }
  return id
}

test('every service answers its own client', async () => {
  const admin = kafka().admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'facts', numPartitions: 1 }] })
  await admin.disconnect()
  const producer = kafka().producer()
  await producer.connect()
  await producer.send({ topic: 'facts', messages: [{ value: 'acknowledged' }], acks: -1 })
  await producer.disconnect()

  const vault = redis()
  assert.equal(await vault.set('key', 'acknowledged'), 'OK')
  vault.disconnect()

  const { bucket } = stack.addresses.s3
  const { Buckets } = await s3().send(new ListBucketsCommand())
  assert.deepEqual(
    Buckets?.map(({ Name }) => Name),
    [bucket],
  )
  await s3().send(new PutObjectCommand({ Bucket: bucket, Key: 'a/b.avro', Body: 'acknowledged' }))

  // Unknown headers are let pass; this one is understood.
  const again = { Bucket: bucket, Key: 'a/b.avro', Body: 'overwritten', IfNoneMatch: '*' }
  await assert.rejects(s3().send(new PutObjectCommand(again)), { name: 'PreconditionFailed' })

  await clickhouse().command({ query: 'CREATE TABLE facts (word String) ENGINE = MergeTree ORDER BY word' })
  await clickhouse().insert({ table: 'facts', values: [{ word: 'acknowledged' }], format: 'JSONEachRow' })

  schemaId = await registerSchema()
  const statuses = await stackStatus(dataFolder)
  assert.equal(statuses.length, 5)
  for (const { service, health } of statuses) assert.equal(health, 'healthy', service)
  // What refuses folders of newer Kafkas has to know how new this one is.
  assert.equal(metadataLevel(join(dataFolder, 'kafka', 'log')), NEWEST_LEVEL)
})

test('what was acknowledged is still there after SIGKILL and a restart', async () => {
  const pids = stack.services.map((name) => stack.pid(name))
  for (const name of stack.services) await stack.kill(name, 'SIGKILL')
  for (const name of stack.services) assert.equal(stack.pid(name), undefined, name)
  for (const { service, health } of await stackStatus(dataFolder)) assert.equal(health, 'stopped', service)
  await Promise.all(stack.services.map((name) => stack.start(name)))
  for (const [index, name] of stack.services.entries()) assert.notEqual(stack.pid(name), pids[index])

  const consumer = kafka().consumer({ groupId: 'reader' })
  await consumer.connect()
  await consumer.subscribe({ topics: ['facts'], fromBeginning: true })
  const value = await new Promise((resolve, reject) => {
    consumer.run({ eachMessage: async ({ message }) => resolve(message.value?.toString()) }).catch(reject)
  })
  await consumer.disconnect()
  assert.equal(value, 'acknowledged')

  const vault = redis()
  assert.equal(await vault.get('key'), 'acknowledged')
  vault.disconnect()

  const got = await s3().send(new GetObjectCommand({ Bucket: stack.addresses.s3.bucket, Key: 'a/b.avro' }))
  assert.equal(await got.Body?.transformToString(), 'acknowledged')

  const rows = await clickhouse().query({ query: 'SELECT word FROM facts', format: 'JSONEachRow' })
  assert.deepEqual(await rows.json(), [{ word: 'acknowledged' }])

  assert.equal(await registerSchema(), schemaId)
})

test('strangers are refused, and nothing listens beyond this machine', async () => {
  const stranger = new Redis(stack.addresses.redis.url.replace(/:[^:@]+@/, ':guess@'), { retryStrategy: () => null })
  stranger.on('error', () => {})
  await assert.rejects(stranger.get('key'))
  const { endpoint, region } = stack.addresses.s3
  const credentials = { accessKeyId: 'guess', secretAccessKey: 'guess' }
  const intruder = new S3Client({ endpoint, region, forcePathStyle: true, credentials })
  await assert.rejects(intruder.send(new CreateBucketCommand({ Bucket: 'theirs' })), { name: 'InvalidAccessKeyId' })
  if (process.platform !== 'linux') return
  const ports = new Set(Object.values(readSettings(dataFolder)?.ports ?? {}))
  const listening = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1))
  const ours = listening
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && ports.has(Number.parseInt(local?.split(':')[1] ?? '', 16)))
    .map(([, local]) => local?.split(':')[0])
  assert.ok(ours.length >= 5)
  // 127.0.0.1, as the kernel writes it: plain, or mapped into IPv6.
  for (const address of ours) assert.match(address ?? '', /^(0100007F|0000000000000000FFFF00000100007F)$/)
})

test('a topic is never made by misspelling it', async () => {
  const admin = kafka().admin()
  await admin.connect()
  await assert.rejects(admin.fetchTopicMetadata({ topics: ['fatcs'] }))
  assert.equal((await admin.listTopics()).includes('fatcs'), false)
  await admin.disconnect()
})

test('starting again finds it running; another process can attach to it', async () => {
  const before = stack.services.map((name) => stack.pid(name))
  const kinds = new Set<string>()
  const again = await startStack({ ...folders, onProgress: ({ kind }) => kinds.add(kind) })
  assert.deepEqual([...kinds], ['running'])
  assert.deepEqual(again.addresses, stack.addresses)
  const attached = attachStack(folders)
  assert.deepEqual(
    stack.services.map((name) => attached.pid(name)),
    before,
  )
})

test('a service that cannot come up is told with the end of its log, and what was started with it is stopped', async (t) => {
  const other = temporaryFolder(t)
  const broken = await startStack({
    dataFolder: other,
    cacheFolder: folders.cacheFolder,
    services: ['redis'],
    ports: 'free',
  })
  await broken.stop()
  writeFileSync(join(other, 'redis', 'appendonly.aof'), 'this is no append-only file')
  await assert.rejects(
    startStack({ dataFolder: other, cacheFolder: folders.cacheFolder, services: ['redis', 's3'] }),
    (error: unknown) => {
      assert.ok(error instanceof KappaError)
      assert.equal(error.code, 'SERVICE_UNAVAILABLE')
      assert.match(
        error.message,
        /starting redis: process \d+ has ended; its log, .*redis\.log, ends:\n(.*\n)*.*Bad file format/,
      )
      return true
    },
  )
  for (const { health } of await stackStatus(other)) assert.equal(health, 'stopped')
})

test('stopping leaves no process and no port behind', async () => {
  const pids = stack.services.map((name) => stack.pid(name))
  assert.ok(pids.every((pid) => pid !== undefined))
  const how: string[] = []
  const attached = attachStack({ ...folders, onProgress: (event) => event.kind === 'stopped' && how.push(event.how) })
  await attached.stop()
  assert.deepEqual(
    how,
    pids.map(() => 'stopped'),
    'none had to be killed',
  )
  assert.deepEqual(readdirSync(join(dataFolder, 'run')), [])
  for (const port of Object.values(readSettings(dataFolder)?.ports ?? {})) {
    assert.ok(await isFree(port), `port ${port} is held by process ${ownerOf(port)?.pid}`)
  }
  if (process.platform !== 'linux') return
  const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(Number(pid))?.includes(dataFolder))
  assert.deepEqual(left, [])
})
