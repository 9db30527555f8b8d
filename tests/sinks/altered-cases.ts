import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@clickhouse/client'
import { connectRegistry, tableOf } from '#engine/schema'
import { identities, maskedClicks } from '#schemas'
import { ObjectStore } from '../../sinks/s3/index.ts'
import { ROWS, type Sinks, type Verified } from './sinks-fixture.ts'

/** Needs the rows of `killedAtRandom`, and leaves them as they were. */
export const alteredRow = (installed: () => Sinks) =>
  test('verification of values names the column and the place of a row that somebody altered', async () => {
    const sinks = installed()
    const verified = async () => {
      const { code, text } = await sinks.answer('verify', '--values', 'all', '--json')
      const findings = (JSON.parse(text.slice(0, text.lastIndexOf('}') + 1)) as Verified).findings
      return { code, text, values: findings.find(({ store }) => store === 'clickhouse values') }
    }
    const clean = await verified()
    assert.deepEqual([clean.code, clean.values?.equal, clean.values?.expected.rows], [0, true, ROWS], clean.text)
    const { database, name } = tableOf(maskedClicks)
    const client = createClient({ ...sinks.stack.addresses.clickhouse })
    await client.command({
      query: `ALTER TABLE ${database}.${name} UPDATE sessionId = 'altered' WHERE _partition = 0 AND _offset = 7`,
      clickhouse_settings: { mutations_sync: '2' },
    })
    const altered = await verified()
    assert.equal(altered.code, 3)
    assert.match(altered.values?.note ?? '', /1 rows differ, first \[0\]@7: sessionId \(/)

    // The table is made anew from what the sink read: killed in the midst of it, again, and then it is as it was.
    await client.command({
      query: `ALTER TABLE ${database}.${name} DELETE WHERE _partition = 1`,
      clickhouse_settings: { mutations_sync: '2' },
    })
    await client.close()
    const rebuild = ['sink', 'rebuild', 'clickhouse', '--topic', maskedClicks.name] as const
    const killed = sinks.start(...rebuild, '--json')
    await Promise.race([pause(2_200), once(killed, 'exit')])
    killed.kill('SIGKILL')
    const rebuilt = await sinks.answer(...rebuild, '--json')
    assert.equal(rebuilt.code, 0, rebuilt.text)
    assert.equal(await sinks.counted('shop.masked_clicks'), `${ROWS}\t${ROWS}\t${ROWS}`)
    const good = await verified()
    assert.deepEqual([good.code, good.values?.equal], [0, true], good.text)
  })

/** On a topic of its own, whose rows replace one another. */
export const rebuiltTable = (installed: () => Sinks) =>
  test('a table whose rows replace one another, with rows lost and deleted ones back, is made anew beneath its sink', async () => {
    const sinks = installed()
    await sinks.broker.admin.ensure([{ name: identities.name, partitions: 2, settings: { 'retention.ms': '-1' } }])
    const registry = connectRegistry({ url: sinks.stack.addresses.registry.url })
    const schemaId = await registry.register(identities)
    await registry.close()
    const producer = await sinks.broker.producer()
    const link = async (visitor: number, customer: string | null, linkedAt = 1_735_689_600_000) => {
      const about = { visitorId: `v${visitor}`, evidence: 'SIGNED_IN', sessionId: 's', linkedAt } as const
      const value =
        customer === null ? null : Buffer.from(identities.frame(schemaId, { ...about, customerId: customer }))
      await producer.send({ topic: identities.name, key: Buffer.from(about.visitorId), value })
    }
    const shown = () => sinks.lines('SELECT visitorId, customerId FROM marketing.identities_latest ORDER BY visitorId')
    const until = async (row: string, present: boolean): Promise<void> => {
      await producer.flush()
      for (let waited = 0; (await shown()).includes(row) !== present; waited += 50) {
        assert.ok(waited < 30_000, `${row} ${present ? 'never shows' : 'is still there'}`)
        await pause(50)
      }
    }
    const running = sinks.start('sink', 'run', 'clickhouse', '--topic', identities.name, '--age', '100 milliseconds')
    for (let i = 0; i < 200; i++) await link(i % 40, `c${i}`)
    for (const visitor of [0, 8, 16]) await link(visitor, null)
    // Refused by the table, not by the schema: the row before it stays the latest.
    await link(39, 'refused', -9_000_000_000_000)
    await link(38, 'last')
    await until('v38\tlast', true)
    await until('v0\tc160', false)
    await until('v39\tc199', true)
    const good = await shown()
    assert.equal(good.length, 37)

    const client = createClient({ ...sinks.stack.addresses.clickhouse })
    await client.command({
      query: "ALTER TABLE marketing.identities DELETE WHERE _deleted = 1 OR customerId IN ('c195', 'c196', 'last')",
      clickhouse_settings: { mutations_sync: '2' },
    })
    await client.command({ query: 'OPTIMIZE TABLE marketing.identities FINAL' })
    await client.close()
    assert.notDeepEqual(await shown(), good)

    const rebuild = async (...more: string[]) => {
      const { code, text } = await sinks.answer(
        'sink',
        'rebuild',
        'clickhouse',
        '--topic',
        identities.name,
        '--json',
        ...more,
      )
      assert.equal(code, 0, text)
      return JSON.parse(text) as { rows?: number; refused?: number; compared?: readonly { equal: boolean }[] }
    }
    const { rows, refused, compared } = await rebuild()
    assert.deepEqual([rows, refused, compared?.map(({ equal }) => equal)], [37, 1, [true]])
    assert.deepEqual(await shown(), good)
    const verified = await sinks.answer('verify', '--topic', identities.name)
    assert.equal(verified.code, 0, verified.text)

    await link(38, 'newer')
    await link(1, null)
    await until('v38\tnewer', true)
    await until('v1\tc161', false)
    await rebuild('--rollback')
    const before = await shown()
    assert.deepEqual(
      ['v38\tnewer', 'v1\tc161', 'v35\tc195'].map((row) => before.includes(row)),
      [true, false, false],
      'the table of before, with what came since',
    )
    await producer.close()
    running.kill('SIGTERM')
    assert.equal((await once(running, 'exit'))[0], 0)
  })

/** Needs the rows of `killedAtRandom`, and spoils an object of theirs. */
export const alteredArchive = (installed: () => Sinks) =>
  test('deep verification opens every object: one altered archive ends in exit 3 and is named', async () => {
    const sinks = installed()
    const verify = ['verify', '--topic', maskedClicks.name, '--deep'] as const
    const clean = await sinks.answer(...verify, '--json')
    assert.equal(clean.code, 0, clean.text)
    const store = new ObjectStore(sinks.stack.addresses.s3)
    const [first, second] = await store.list(`bronze/${maskedClicks.name}/`)
    assert.ok(first && second)
    await store.put(first.key, (await store.get(second.key)) ?? Buffer.alloc(0), 'application/avro')
    store.close()
    const altered = await sinks.answer(...verify)
    assert.equal(altered.code, 3)
    assert.match(
      altered.text,
      new RegExp(`s3 bronze .*DIFFERENT +missing or altered: .*${first.key.replaceAll('.', '\\.')}`),
    )
  })
