import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, kafkaBroker, type TransactionalProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { readAll } from '#engine/runtime'
import { cacheFolder } from '../../../deploy/config.ts'
import { type RunningStack, startStack } from '../../../deploy/local/index.ts'
import { versionsOf } from './features.ts'
import { API, KafkaProxy } from './proxy.ts'

// docs/decisions/0008-transactions-on-the-wire.md: which protocol is spoken, and what stragglers of an old producer can do.

const folder = mkdtempSync(join(tmpdir(), 'kappa-wire-'))
let stack: RunningStack
let proxy: KafkaProxy
/** Straight to Kafka, and through the proxy. */
let straight: Broker
let delayed: Broker
let topics = 0

before(async () => {
  stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  const [address = ''] = stack.addresses.kafka.brokers
  proxy = await KafkaProxy.open(address)
  straight = kafkaBroker({ brokers: [address], clientId: 'straight' })
  delayed = kafkaBroker({ brokers: [proxy.address], clientId: 'delayed' })
})
after(async () => {
  proxy?.release()
  await delayed?.close()
  await straight?.close()
  await proxy?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const topic = async (): Promise<string> => {
  const name = `wire-${++topics}`
  await straight.admin.ensure([{ name, partitions: 1, settings: {} }])
  return name
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(`waited in vain: ${what}`)
}

const answers = (api: number): number => proxy.answered.filter((one) => one === api).length

/** Sends through the proxy, and waits for the broker's acknowledgement. */
async function sent(producer: TransactionalProducer, name: string, text: string): Promise<void> {
  const before = answers(API.produce)
  await producer.send({ topic: name, partition: 0, key: null, value: Buffer.from(text) })
  await until(() => answers(API.produce) > before, `${text} is acknowledged`)
}

const read = async (name: string): Promise<string[]> => {
  const texts: string[] = []
  await readAll(straight, { topic: name, partition: 0 }, ({ value }) => texts.push(String(value)), 'settled')
  return texts
}

const ended = async (committing: Promise<void>): Promise<string> =>
  committing.then(
    () => 'committed',
    (thrown) => (thrown instanceof KappaError ? thrown.code : String(thrown)),
  )

test('Kafka offers the transactions of KIP-890, and librdkafka speaks those before it', async () => {
  const { apis, features } = await versionsOf(proxy)
  assert.equal(features.get('transaction.version'), 2, 'the cluster’s finalized feature')
  assert.ok((apis.get(API.endTransaction) ?? 0) >= 5, 'EndTxn with a new epoch per transaction')
  assert.ok((apis.get(API.produce) ?? 0) >= 12, 'Produce that adds its partition to the transaction')
  const name = await topic()
  const producer = await delayed.transactional('negotiates')
  await producer.begin()
  await sent(producer, name, 'one')
  await producer.commit()
  await producer.close()
  const spoken = (api: number) => [
    ...new Set(proxy.seen.filter((one) => one.api === api).map(({ version }) => version)),
  ]
  const versions = {
    produce: spoken(API.produce),
    initProducerId: spoken(API.initProducerId),
    addPartitions: spoken(API.addPartitions),
    endTransaction: spoken(API.endTransaction),
  }
  for (const [what, most] of [
    ['produce', 11],
    ['endTransaction', 4],
  ] as const)
    assert.ok(versions[what].length > 0 && versions[what].every((version) => version <= most), JSON.stringify(versions))
  assert.equal(versions.addPartitions.length, 1, 'partitions are still added by a request of their own')
})

test('an EndTxn of the old producer that arrives late does not end the next transaction', async () => {
  const name = await topic()
  const old = await delayed.transactional('late-end')
  await old.begin()
  await sent(old, name, 'old')
  proxy.hold(API.endTransaction)
  const committing = ended(old.commit())
  await until(() => proxy.held > 0, 'the commit is under way')
  // The rule: whoever does not know how a commit ended takes over with a new producer.
  const next = await straight.transactional('late-end')
  await next.begin()
  await next.send({ topic: name, partition: 0, key: null, value: Buffer.from('next') })
  // "old", its abort marker, and "next" behind them, open.
  await until(async () => (await straight.admin.committedEnds(name))[0] === 2, 'the old transaction is aborted')
  proxy.release()
  assert.equal(await committing, 'FENCED')
  await until(() => answers(API.endTransaction) > 1, 'the straggler is answered')
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.deepEqual(await straight.admin.committedEnds(name), [2], 'the next transaction is still open')
  await next.abort()
  await next.begin()
  await next.send({ topic: name, partition: 0, key: null, value: Buffer.from('last') })
  await next.commit()
  assert.deepEqual(await read(name), ['last'])
  await Promise.all([old.close(), next.close()])
})

test('a Produce of the old producer that arrives late does not come into the next transaction', async () => {
  const name = await topic()
  const old = await delayed.transactional('late-produce')
  await old.begin()
  await sent(old, name, 'old')
  proxy.hold(API.produce)
  await old.send({ topic: name, partition: 0, key: null, value: Buffer.from('straggler') })
  await until(() => proxy.held > 0, 'the record is under way')
  const next = await straight.transactional('late-produce')
  await next.begin()
  await next.send({ topic: name, partition: 0, key: null, value: Buffer.from('next') })
  await until(async () => (await straight.admin.committedEnds(name))[0] === 2, 'the old transaction is aborted')
  const before = answers(API.produce)
  proxy.release()
  await until(() => answers(API.produce) > before, 'the straggler is answered')
  await next.commit()
  assert.deepEqual(await read(name), ['next'])
  // "old" and its marker, "next" and its marker: the straggler never came into the log.
  assert.deepEqual(await straight.admin.settledEnds(name), [4])
  await Promise.all([old.close(), next.close()])
})

test('why the rule: within one epoch an EndTxn that arrives twice does end the next transaction', async () => {
  const name = await topic()
  const producer = await delayed.transactional('same-epoch')
  await producer.begin()
  await sent(producer, name, 'first')
  await producer.commit()
  const first = proxy.frames.findLast(({ api }) => api === API.endTransaction)
  assert.ok(first)
  await producer.begin()
  await sent(producer, name, 'second')
  assert.deepEqual(await straight.admin.committedEnds(name), [2], 'the second is open')
  await proxy.replay(first.frame)
  await until(async () => (await straight.admin.committedEnds(name))[0] === 4, 'the straggler committed the second')
  await producer.abort().catch(() => {})
  assert.deepEqual(await read(name), ['first', 'second'], 'although its owner aborted it')
  await producer.close()
})

test('a commit that was asked twice is the last of its producer: the first asking, coming late, commits nothing', async () => {
  const name = await topic()
  const producer = await delayed.transactional('twice')
  await producer.begin()
  await sent(producer, name, 'first')
  proxy.hold(API.endTransaction)
  const committing = producer.commit()
  await until(() => proxy.held > 0, 'the commit is under way')
  proxy.hold()
  proxy.cut()
  await committing
  assert.equal(await ended(producer.begin()), 'ABORTED', 'the owner is told, and takes over')
  await producer.close()
  const next = await straight.transactional('twice')
  await next.begin()
  await next.send({ topic: name, partition: 0, key: null, value: Buffer.from('second') })
  await new Promise((resolve) => setTimeout(resolve, 500))
  proxy.release()
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.deepEqual(await straight.admin.committedEnds(name), [2], 'the next transaction is still open')
  await next.commit()
  assert.deepEqual(await read(name), ['first', 'second'])
  await next.close()
})
