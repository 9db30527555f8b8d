import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, type KafkaRecord, kafkaBroker } from '#engine/broker'
import { isSealed } from '#engine/governance'
import { systemClock } from '#engine/time'
import { catalogueItems, clicks } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'
import type { KeptAnswer } from '../producers/connectors/http/index.ts'
import { type Answer, type ApiServer, apiServer, product } from '../producers/connectors/http/server-fixture.ts'
import { redisAnswers } from '../sinks/redis/index.ts'
import { until } from './installation.ts'
import { foundText, kills } from './kills.ts'

const PAGES = 24
const PER_PAGE = 10
/** How often the http connector is killed, round by round: somewhere on its way through the pages. */
const KILLS = [Math.ceil((kills(3) * 2) / 3), Math.floor(kills(3) / 3)]
/** How often the endpoint is. */
const COLLECT_KILLS = kills(2)
const BATCHES = 45 * COLLECT_KILLS
const PER_BATCH = 5
/** Behind which batches the endpoint is killed, and Kafka. */
const COLLECT_KILLED = Array.from({ length: COLLECT_KILLS }, (_, kill) => 20 + kill * 35)
const KAFKA_KILLED = 40

const entry = fileURLToPath(new URL('../cli/kappa.mjs', import.meta.url))
const pause = (ms: number): Promise<void> => systemClock.sleep(ms)
const between = (low: number, high: number): number => low + Math.random() * (high - low)

/** Processes that have not ended. */
const children = new Set<ChildProcess>()

/** A process of `kappa`, on a stack of its own. */
function kappa(dataFolder: string, args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, KAPPA_DATA: dataFolder, KAPPA_CATALOGUE_KEY: 'catalogue-key', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let text = ''
  child.stdout?.on('data', (piece) => (text += piece))
  child.stderr?.on('data', (piece) => (text += piece))
  const ended = new Promise<{ code: number | null; text: string }>((resolve) =>
    child.once('close', (code) => {
      children.delete(child)
      resolve({ code, text })
    }),
  )
  return { child, ended }
}

/** Every committed record of a topic. */
async function committed(broker: Broker, topic: string): Promise<KafkaRecord[]> {
  const [beginnings, ends] = [await broker.admin.beginnings(topic), await broker.admin.settledEnds(topic)]
  const reader = await broker.reader()
  try {
    await reader.assign(beginnings.map((offset, partition) => ({ topic, partition, offset })))
    const records: KafkaRecord[] = []
    while (ends.some((end, partition) => (reader.position({ topic, partition }) ?? 0) < end))
      records.push(...(await reader.read(10_000, 50)))
    return records
  } finally {
    await reader.close()
  }
}

const bodyOf = ({ value }: KafkaRecord): Buffer => {
  assert.ok(value)
  return value.subarray(5)
}

/** A shop whose answers are trouble now and then, and half of whose prices change from round to round. */
function catalogue(round: () => number) {
  return ({ url }: { url: URL }): Answer => {
    const dice = Math.random()
    if (dice < 0.04) return { status: 500 }
    if (dice < 0.08) return { status: 429, headers: { 'retry-after': '0' } }
    const page = Number(url.searchParams.get('page') ?? '0')
    const items = Array.from({ length: PER_PAGE }, (_, i) => {
      const number = page * PER_PAGE + i
      const version = number % 2 === 0 ? 0 : round()
      return product(number, { price: `${10 + version}.00`, updatedAt: `2026-03-0${version + 1}T08:00:00Z` })
    })
    if (page === 3) items.push({ id: 'broken' })
    const next = page + 1 < PAGES ? { next: `/products?page=${page + 1}` } : {}
    const body = { items, ...next }
    return dice < 0.12 ? { body, cut: true, headers: { 'content-length': '9999' } } : { body }
  }
}

/** Runs rounds of the http connector, killed now and then, until one gets through; how often it was killed. */
async function ingest(dataFolder: string, server: ApiServer, kills: number): Promise<number> {
  const args = [
    'ingest',
    'http',
    '--source',
    'product-catalogue',
    '--url',
    server.url,
    '--once',
    '--rate',
    '1200',
    '--json',
  ]
  let killed = 0
  for (let attempt = 1; ; attempt++) {
    const { child, ended } = kappa(dataFolder, args)
    const enough = server.asked.length + between(1, PAGES / 2)
    const looking = setInterval(() => {
      if (attempt <= kills && server.asked.length >= enough) child.kill('SIGKILL')
    }, 10)
    const { code, text } = await ended
    clearInterval(looking)
    assert.ok(!text.includes('catalogue-key'))
    if (code === null) killed++
    if (code === 0 && attempt > kills) return killed
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Sends a batch until it is answered; how often that took. */
async function deliver(port: number, batch: number): Promise<number> {
  const events = Array.from({ length: PER_BATCH }, (_, i) => ({
    ...{ type: 'click', eventId: `click-${batch}-${i}`, occurredAt: systemClock.now(), element: 'buy', path: '/' },
  }))
  const context = { visitorId: `v-${batch % 7}`, sessionId: 's-1', country: 'FR', device: 'MOBILE' }
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: JSON.stringify({ consent: true, context, events }),
        signal: AbortSignal.timeout(3_000),
      })
      await response.arrayBuffer()
      if (response.status === 202) return tries
      assert.equal(response.status, 503)
    } catch (thrown) {
      if (thrown instanceof assert.AssertionError) throw thrown
    }
    await pause(100)
  }
}

/** Sends every batch while the endpoint is killed and started again; how often batches were sent. */
async function collect(dataFolder: string, port: number, onBatch: (batch: number) => void) {
  const args = ['collect', '--port', String(port)]
  let running = kappa(dataFolder, args)
  const restarted = async () => {
    await pause(between(0, 200))
    running.child.kill('SIGKILL')
    await running.ended
    running = kappa(dataFolder, args)
  }
  let sent = 0
  let restarting: Promise<void> | undefined
  for (let batch = 0; batch < BATCHES; batch++) {
    onBatch(batch)
    if (COLLECT_KILLED.includes(batch)) restarting = restarted()
    sent += await deliver(port, batch)
    await pause(40)
  }
  await restarting
  return {
    sent,
    async stop() {
      running.child.kill('SIGTERM')
      const { code, text } = await running.ended
      assert.equal(code, 0, text)
    },
  }
}

/** Some seconds without Kafka. */
async function outage(stack: RunningStack): Promise<void> {
  await stack.kill('kafka', 'SIGKILL')
  await pause(3_000)
  await stack.start('kafka')
}

test('http and collect are killed, and Kafka is away for a while: everything is there once', {
  timeout: 200_000 + COLLECT_KILLS * 60_000,
}, async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-'))
  const services = ['kafka', 'registry', 'redis'] as const
  const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), services, ports: 'free' })
  const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
  const cache = redisAnswers<KeptAnswer>({ url: stack.addresses.redis.url })
  try {
    let round = 0
    await using server = await apiServer(catalogue(() => round))
    const registered = await kappa(dataFolder, ['schemas', 'register']).ended
    assert.equal(registered.code, 0, registered.text)
    const port = await freePort()
    const rounds = async () => {
      let killed = 0
      for (; round < KILLS.length; round++) killed += await ingest(dataFolder, server, KILLS[round] ?? 0)
      return killed
    }
    let away: Promise<void> | undefined
    const collecting = collect(dataFolder, port, (batch) => {
      if (batch === KAFKA_KILLED) away = outage(stack)
    })
    const [killed, collected] = await Promise.all([rounds(), collecting])
    await away
    assert.ok(away !== undefined && killed > 0, `${killed} kills`)
    assert.ok(collected.sent > BATCHES, `${collected.sent} requests`)

    const items = (await committed(broker, catalogueItems.name)).map((record) => catalogueItems.decode(bodyOf(record)))
    const states = new Set(items.map(({ productId, validFrom }) => `${productId}@${validFrom}`))
    const expected = PAGES * PER_PAGE + ((KILLS.length - 1) * PAGES * PER_PAGE) / 2
    assert.deepEqual([items.length, states.size], [expected, expected])
    assert.equal((await committed(broker, `${catalogueItems.name}.dead-letter`)).length, 1)
    const kept = await cache.latest('product-catalogue', 100)
    assert.equal(kept.length, PAGES)
    assert.ok(kept.every(({ body }) => body.includes('"items"')))

    const records = await until(
      () => committed(broker, clicks.name),
      ({ length }) => length >= BATCHES * PER_BATCH,
      60_000,
    )
    const found = records.map((record) => clicks.decode(bodyOf(record)))
    assert.equal(new Set(found.map(({ eventId }) => eventId)).size, BATCHES * PER_BATCH)
    assert.equal(found.length, BATCHES * PER_BATCH)
    assert.ok(found.every(({ ip }) => isSealed(ip)))
    await collected.stop()
    assert.equal((await committed(broker, clicks.name)).length, BATCHES * PER_BATCH)
    const sources = ['--source', 'collect', '--source', 'http-product-catalogue']
    const checked = await kappa(dataFolder, ['verify', ...sources]).ended
    assert.equal(checked.code, 0, checked.text)
    assert.match(checked.text, new RegExp(`${expected + 1 + BATCHES * PER_BATCH} lines = `))
    assert.equal(children.size, 0, 'a process is left')
    t.diagnostic(foundText('http', { kills: killed, events: expected, deadLetters: 1 }))
    t.diagnostic(foundText('collect', { kills: COLLECT_KILLS, events: BATCHES * PER_BATCH, deadLetters: 0 }))
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await cache.close()
    await broker.close()
    await stack.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
})
