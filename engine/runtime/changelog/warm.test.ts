import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { type FakeBroker, fakeBroker, tallyRecord } from '#engine/testing'
import { names } from '../deployment.ts'
import { tally, tallyDeployment } from '../deployment-fixture.ts'
import { startWorker, type Worker } from '../worker.ts'
import { Restorer } from './changelog.ts'
import { restoredTo } from './restore.ts'

const START = 1_700_000_040_000
const SOURCE = 'test.events.v1'
const RESULT = 'test.tallies.v1'
const PARTITIONS = 4
const running = new Set<Worker>()
after(() => Promise.all([...running].map((worker) => worker.stop())))

const deployment = () => tallyDeployment(tally({ rekey: true, graceMs: 3_600_000 }))
const changelog = names.changelog(deployment(), 'tally.source')

async function brokerWithTopics(seed = 3): Promise<FakeBroker> {
  const broker = fakeBroker({ seed })
  await broker.admin.ensure([SOURCE, RESULT].map((name) => ({ name, partitions: PARTITIONS, settings: {} })))
  return broker
}

async function start(broker: FakeBroker, id: string, standbys: number): Promise<Worker> {
  const settings = { commitIntervalMs: 5, lookIntervalMs: 5, standbys, snapshotCommits: 40 }
  const worker = await startWorker({ broker, deployments: [deployment()], id, settings })
  running.add(worker)
  return worker
}

async function stop(worker: Worker): Promise<void> {
  running.delete(worker)
  await worker.stop()
}

function write(broker: FakeBroker, from: number, to: number): void {
  for (let i = from; i < to; i++)
    broker.write(tallyRecord(SOURCE, { key: `${'abcde'[i % 5]}${i % 17}`, at: START + (i % 50) * 5_000, count: 1 }))
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`waited in vain: ${what}`)
}

/** Every task stands at the end of its input, and nothing was committed for a while. */
async function settled(...workers: Worker[]): Promise<void> {
  let before = ''
  let quiet = 0
  await until(async () => {
    const tasks = (await Promise.all(workers.map((worker) => worker.status(true)))).flat()
    const now = JSON.stringify(tasks.map(({ inputs, commits }) => [inputs, commits]))
    const ended = tasks.every(({ inputs }) => inputs.length === 1 && inputs[0]?.lag === 0 && inputs[0].position > 0)
    quiet = ended && tasks.length === 2 * PARTITIONS && now === before ? quiet + 1 : 0
    before = now
    return quiet === 6
  }, 'all is taken')
}

const counted = (broker: FakeBroker): number =>
  broker.committed(RESULT).reduce((sum, { value }) => sum + JSON.parse(String(value)).count, 0)

const close = (broker: FakeBroker) => {
  for (const partition of [0, 1, 2, 3])
    broker.write({ ...tallyRecord(SOURCE, { key: 'z', at: START + 90_000_000, count: 1 }), partition })
}

test('a partition that comes back is restored from what its task left behind, and the rest is read', async () => {
  const broker = await brokerWithTopics()
  const first = await start(broker, 'a', 0)
  write(broker, 0, 400)
  await settled(first)
  const second = await start(broker, 'b', 0)
  await settled(first, second)
  write(broker, 400, 450)
  await settled(first, second)
  await stop(second)
  await settled(first)
  const back = (await first.status()).filter(({ partition }) => partition >= 2)
  assert.equal(back.length, 4)
  for (const { stage, partition, restore } of back) {
    assert.ok(restore?.warm, `${stage}[${partition}] knew what it had`)
    assert.ok(restore.from > 0, 'it did not read from the beginning')
  }
  close(broker)
  await until(() => counted(broker) === 450, `450 events are counted, not ${counted(broker)}`)
  await stop(first)
  assert.equal(broker.openClients(), 0)
})

test('a standby that followed another worker takes its tasks over by reading the tail alone', async () => {
  const broker = await brokerWithTopics()
  const first = await start(broker, 'a', 1)
  const second = await start(broker, 'b', 1)
  write(broker, 0, 600)
  await settled(first, second)
  const ends = await broker.admin.committedEnds(changelog)
  const caughtUp = () =>
    second.standbys().filter((one) => one.topic === changelog && one.next >= (ends[one.partition] ?? 0) - 1).length ===
    2
  await until(caughtUp, 'the second follows the first')
  assert.ok(second.standbys().some(({ entries }) => entries > 0) || deployment().stages.length === 2)
  // Nothing of the first worker reaches the second but the group's word that it is gone.
  await stop(first)
  await settled(second)
  for (const { stage, partition, restore } of await second.status()) {
    if (partition >= 2) continue
    assert.ok(restore?.warm, `${stage}[${partition}] was followed`)
    assert.ok(restore.end - restore.from <= 4, `${stage}[${partition}] read ${restore.end - restore.from} offsets`)
  }
  write(broker, 600, 650)
  close(broker)
  await until(() => counted(broker) === 650, `650 events are counted, not ${counted(broker)}`)
  await stop(second)
  assert.equal(broker.openClients(), 0)
})

test('workers come and go, with standbys: results are those of one that stays', async () => {
  const outcome = async (moves: number): Promise<Record<string, string[]>> => {
    const broker = await brokerWithTopics(moves + 1)
    let drawn = moves * 7_919
    const pick = (count: number) => {
      drawn = (drawn * 48_271 + 11) % 2_147_483_647
      return drawn % count
    }
    const workers: Worker[] = [await start(broker, 'w0', 1)]
    for (let round = 0; round < 12; round++) {
      write(broker, round * 60, round * 60 + 60)
      if (moves > 0) {
        if (workers.length > 1 && pick(2) === 0) await stop(workers.splice(pick(workers.length), 1)[0] as Worker)
        else if (workers.length < 3) workers.push(await start(broker, `w${round + 1}`, 1))
        await new Promise((resolve) => setTimeout(resolve, pick(60)))
      }
    }
    close(broker)
    await until(() => counted(broker) === 720, `720 events are counted, not ${counted(broker)}`)
    await Promise.all(workers.map(stop))
    assert.equal(broker.openClients(), 0)
    return sequences(broker.committed(RESULT))
  }
  const calm = await outcome(0)
  for (const moves of [1, 2, 3]) assert.deepEqual(await outcome(moves), calm)
})

function sequences(records: readonly KafkaRecord[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { partition, key, value } of records) {
    const place = `${partition}/${String(key)}`
    found[place] = [...(found[place] ?? []), String(value)]
  }
  return found
}

test('memory that the changelog does not bear out is thrown away', async () => {
  const broker = await brokerWithTopics()
  const worker = await start(broker, 'a', 0)
  write(broker, 0, 200)
  await settled(worker)
  await stop(worker)
  const at = { topic: names.changelog(deployment(), 'tally.merge'), partition: 0 }
  const [spec] = deployment().stages.slice(1)
  assert.ok(spec)
  const open = () => spec.open({ ...deployment(), partition: 0, partitions: PARTITIONS })
  const empty = () => new Restorer(open)
  const cold = await restoredTo({ broker, changelog: at, empty })
  const { progress, place, sizes } = cold.restorer
  assert.ok(progress && place.last)
  const known = { stage: cold.restorer.result(), progress, sizes }
  const restored = async (last: { offset: number; commit: number }, next: number) => {
    const memory = () => new Restorer(open, { ...known, last, next })
    return (await restoredTo({ broker, changelog: at, empty, memory })).warm
  }
  const { last } = place
  assert.equal(await restored(last, cold.end), true)
  assert.equal(await restored({ ...last, commit: last.commit + 1 }, cold.end), false, 'another commit stands there')
  assert.equal(await restored({ ...last, offset: last.offset - 1 }, cold.end), false, 'no commit stands there')
  assert.equal(await restored(last, cold.end + 1), false, 'the log is shorter')
  await broker.admin.truncate([{ ...at, offset: last.offset + 1 }])
  assert.equal(await restored(last, cold.end), false, 'the log begins later')
})
