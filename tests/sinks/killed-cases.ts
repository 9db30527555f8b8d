import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { maskedClicks, searches } from '#schemas'
import { BronzeArchive, ObjectStore } from '../../sinks/s3/index.ts'
import { ROWS, type Sinks, type Verified } from './sinks-fixture.ts'

/** Both sinks and ClickHouse are killed while rows come; the rows stay for the cases behind. */
export const killedAtRandom = (installed: () => Sinks) =>
  test('killed ten times at random moments, ClickHouse once too: every row is in ClickHouse and S3 once', async () => {
    const sinks = installed()
    await sinks.broker.admin.ensure([{ name: maskedClicks.name, partitions: 4, settings: { 'retention.ms': '-1' } }])
    const both = [
      { name: 'clickhouse', age: '50 milliseconds' },
      { name: 's3', age: '200 milliseconds' },
    ] as const
    const producing = (async () => {
      for (let from = 0; from < ROWS; from += 1_000) {
        await sinks.send(maskedClicks, from, from + 1_000)
        await pause(250)
      }
    })()
    for (let round = 0; round < 5; round++) {
      const before = await sinks.cutsDone()
      const children = both.map(({ name, age }) => sinks.sink(name, age))
      for (let waited = 0; waited < 20_000 && (await sinks.cutsDone()) === before; waited += 100) await pause(100)
      await pause(Math.random() * 1_500)
      if (round === 2) await sinks.stack.kill('clickhouse', 'SIGKILL')
      for (const child of children) {
        assert.deepEqual([child.exitCode, child.signalCode], [null, null], 'it ran until it was killed')
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      if (round === 2) await sinks.stack.start('clickhouse')
    }
    await producing
    const last = both.map(({ name, age }) => sinks.sink(name, age))
    const complete = async (): Promise<Verified> =>
      JSON.parse((await sinks.answer('verify', '--json')).text) as Verified
    let verified = await complete()
    const whole = () => verified.findings.filter(({ found }) => found.rows === ROWS).length === 4
    for (let tries = 0; tries < 20 && !whole(); tries++) {
      await pause(500)
      verified = await complete()
    }
    assert.deepEqual(
      verified.findings.map(({ store, expected, found, equal }) => [store, expected.rows, found.rows, equal]),
      ['clickhouse', 's3 bronze', 's3 silver', 'clickhouse and s3'].map((store) => [store, ROWS, ROWS, true]),
    )
    const ends = Promise.all(last.map(async (child) => (await once(child, 'exit'))[0]))
    for (const child of last) assert.ok(child.kill('SIGTERM'))
    const codes = await ends
    assert.deepEqual(codes, [0, 0], 'a sink that is asked to stop ends well')

    assert.equal(await sinks.counted('shop.masked_clicks'), `${ROWS}\t${ROWS}\t${ROWS}`)
    assert.deepEqual((await sinks.broker.admin.topics()).get(`${maskedClicks.name}.clickhouse.dead-letter`), undefined)
  })

/** From the acknowledgement of the last rows until they may be read: an age, and what a loaded machine takes for a cut. */
const SLACK_MS = 4_000

/** On a topic of its own, which has a row now and then. */
export const quietTopic = (installed: () => Sinks) =>
  test("a quiet topic's last rows are in both stores within the age bound, once, although both sinks are killed", async () => {
    const sinks = installed()
    await sinks.broker.admin.ensure([{ name: searches.name, partitions: 2, settings: { 'retention.ms': '-1' } }])
    const archive = new BronzeArchive(new ObjectStore(sinks.stack.addresses.s3))
    const stored = {
      clickhouse: async () => Number((await sinks.counted('shop.searches')).split('\t')[0]),
      s3: async () => (await archive.ranges(searches.name)).reduce((sum, { count }) => sum + count, 0),
    }
    const ages = { clickhouse: 500, s3: 1_500 }
    // Rows and bytes of a cut at their defaults, far from what a quiet topic has: only the age can decide one.
    const startBoth = () =>
      (['clickhouse', 's3'] as const).map((name) =>
        sinks.start('sink', 'run', name, '--topic', searches.name, '--age', `${ages[name]} milliseconds`),
      )
    /** Milliseconds until a store has so many rows. */
    const until = async (name: 'clickhouse' | 's3', rows: number): Promise<number> => {
      const began = performance.now()
      while ((await stored[name]()) < rows) {
        assert.ok(performance.now() - began < 30_000, `${rows} rows in ${name}`)
        await pause(50)
      }
      return performance.now() - began
    }
    const both = (rows: number) => Promise.all([until('clickhouse', rows), until('s3', rows)])
    let children = startBoth()
    await sinks.send(searches, 0, 5)
    await both(5)
    await pause(1_000)
    await sinks.send(searches, 5, 8)
    const [inClickHouse, inS3] = await both(8)
    assert.ok(inClickHouse < ages.clickhouse + SLACK_MS, `ClickHouse after ${inClickHouse} ms`)
    assert.ok(inS3 < ages.s3 + SLACK_MS, `S3 after ${inS3} ms`)

    await sinks.send(searches, 8, 10)
    await pause(250)
    for (const child of children) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    children = startBoth()
    await both(10)
    assert.equal(await sinks.counted('shop.searches'), '10\t10\t10')
    const { code, text } = await sinks.answer('verify', '--topic', searches.name, '--deep', '--json')
    assert.equal(code, 0, text)
    for (const child of children) {
      child.kill('SIGTERM')
      assert.equal((await once(child, 'exit'))[0], 0)
    }
  })
