import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, type KafkaRecord, kafkaBroker } from '#engine/broker'
import { generationTopic, names, readAll, runBounded } from '#engine/runtime'
import { tallyRecord } from '#engine/testing'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { typescriptFlags } from '../../deploy/local/processes/typescript.ts'
import { killedDeployment, RESULT, SOURCE } from './deployment-fixture.ts'

// Worker processes on a real broker, killed with SIGKILL in mid-stream: the results equal those of one undisturbed run.

const PARTITIONS = 4
const START = 1_700_000_040_000
const EVENTS = 60_000
const KILLS = 6
const folder = mkdtempSync(join(tmpdir(), 'kappa-killed-'))
const fixture = new URL('worker-fixture.ts', import.meta.url).pathname
let stack: RunningStack
let broker: Broker
const children = new Set<ChildProcess>()

before(async () => {
  stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers, clientId: 'test' })
  await broker.admin.ensure([SOURCE, RESULT].map((name) => ({ name, partitions: PARTITIONS, settings: {} })))
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await broker?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Longer than the broker's session with its controller: when it goes on it is fenced, and leads nothing, for a moment. */
const FROZEN_MS = 11_000

async function freezeKafka(): Promise<void> {
  await stack.kill('kafka', 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, FROZEN_MS))
  await stack.kill('kafka', 'SIGCONT')
}

interface Child {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly exited: Promise<number | null>
}

function worker(): Child {
  const args = [...typescriptFlags, fixture, stack.addresses.kafka.brokers.join(','), 'killed', '1']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  child.stdout?.on('data', (data) => lines.push(...String(data).trim().split('\n')))
  children.add(child)
  const exited = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      children.delete(child)
      resolve(code)
    }),
  )
  return { child, lines, exited }
}

async function until(holds: () => boolean | Promise<boolean>, within: number, what: string): Promise<void> {
  const deadline = performance.now() + within
  while (performance.now() < deadline) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`waited in vain: ${what}`)
}

async function produce(): Promise<void> {
  const producer = await broker.producer()
  for (let i = 0; i < EVENTS; i++) {
    const late = i % 97 === 0 ? 90_000 : 0
    const event = { key: `${'abcdefgh'[i % 8]}${i % 13}`, at: START + i * 25 - late, count: 1 + (i % 5) }
    const full = producer.send(tallyRecord(SOURCE, event))
    if (full) await full
    if (i % 1_000 === 999) {
      await producer.flush()
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }
  for (let partition = 0; partition < PARTITIONS; partition++)
    await producer.send({ ...tallyRecord(SOURCE, { key: 'z', at: START + 90_000_000, count: 1 }), partition })
  await producer.flush()
  await producer.close()
}

async function committed(topic: string): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  for (let partition = 0; partition < PARTITIONS; partition++)
    await readAll(broker, { topic, partition }, (record) => records.push(record))
  return records
}

const sequences = (records: readonly KafkaRecord[]): string[] => {
  const byKey = new Map<string, string[]>()
  for (const { partition, key, value } of records) {
    const place = `${partition}/${String(key)}`
    byKey.set(place, [...(byKey.get(place) ?? []), String(value)])
  }
  return [...byKey].map(([place, values]) => `${place}: ${values.join(' ')}`).sort()
}

test(`${EVENTS} events, two workers, ${KILLS} times SIGKILL, Kafka frozen once: nothing lost, nothing doubled, no handle left open`, async () => {
  let workers = [worker(), worker()]
  const producing = produce()
  await until(() => workers.every(({ lines }) => lines.includes('ready')), 30_000, 'both workers run')
  for (let kill = 0; kill < KILLS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, 900 + ((kill * 377) % 700)))
    const [victim, other] = workers
    assert.ok(victim && other)
    victim.child.kill('SIGKILL')
    await victim.exited
    workers = [other, worker()]
    if (kill === 2) await freezeKafka()
  }
  await producing
  const group = names.group(killedDeployment('killed', 1), 'killed.merge')
  const repartition = names.repartition(killedDeployment('killed', 1), 'killed.merge')
  const sourceGroup = names.group(killedDeployment('killed', 1), 'killed.source')
  const done = async (ofGroup: string, topic: string) => {
    const positions = await broker.admin.groupPositions(ofGroup, topic)
    // A commit is acknowledged before its markers stand: only settled ends hold what was committed before the question.
    const ends = await broker.admin.settledEnds(topic)
    // A group's position may stop before the last transaction's marker.
    return ends.every((end, partition) => (positions[partition] ?? 0) >= end - 1)
  }
  await until(async () => (await done(sourceGroup, SOURCE)) && (await done(group, repartition)), 60_000, 'all is taken')
  const stopping = performance.now()
  for (const { child } of workers) child.kill('SIGTERM')
  const codes = await Promise.all(workers.map(({ exited }) => exited))
  assert.deepEqual(codes, [0, 0], 'they end by themselves: nothing keeps their event loops alive')
  assert.ok(performance.now() - stopping < 10_000, 'they end quickly')
  assert.ok(
    workers.every(({ lines }) => lines.includes('closed')),
    'they close in good order',
  )

  const deployment = killedDeployment('killed', 2)
  const ends = await broker.admin.committedEnds(SOURCE)
  const bounds = new Map([[SOURCE, ends.map((end) => ({ start: 0, end }))]])
  await runBounded({ broker, deployment, bounds, recorded: new Map() })
  const [live, clean] = await Promise.all([committed(RESULT), committed(generationTopic(RESULT, 2))])
  assert.ok(clean.length > 100, `only ${clean.length} results`)
  assert.deepEqual(sequences(live), sequences(clean))
  const late = await Promise.all(
    [1, 2].map(async (generation) => (await committed(names.late(killedDeployment('killed', generation)))).length),
  )
  assert.equal(late[0], late[1])
  assert.ok((late[0] ?? 0) > 0, 'late events were part of it')
  const sum = clean.reduce((total, { value }) => total + JSON.parse(String(value)).count, 0)
  assert.ok(sum > EVENTS, `only ${sum} counted`)
})
