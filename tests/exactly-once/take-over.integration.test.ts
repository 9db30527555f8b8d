import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, kafkaBroker } from '#engine/broker'
import { measureTakeOvers } from '../../bench/take-over/measure.ts'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'

// A worker process that is killed with SIGKILL is replaced by one that followed its changelogs: how long that takes is told
// apart from how long the group takes to miss it (`bench/take-over.ts` measures with more state, and without standbys).

const folder = mkdtempSync(join(tmpdir(), 'kappa-take-over-'))
let stack: RunningStack
let broker: Broker

before(async () => {
  stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers, clientId: 'test' })
})
after(async () => {
  await broker?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a standby takes over by reading a tail: from the assignment to the first committed input', async (t) => {
  const rows = await measureTakeOvers({
    ...{ broker, brokers: stack.addresses.kafka.brokers, app: 'taken', standbys: 1 },
    ...{ entries: 40_000, kills: 2, sessionMs: 2_000, commitMs: 50, eventsPerSecond: 300 },
    tell: (line) => t.diagnostic(line),
  })
  assert.equal(rows.length, 4, 'two tasks of each worker')
  for (const { partition, warm, read, entries } of rows) {
    assert.ok(warm, `task ${partition} was followed`)
    assert.ok(entries > 8_000, `task ${partition} holds ${entries} entries`)
    assert.ok(read < 400, `task ${partition} read ${read} offsets of its changelog`)
  }
  const slowest = Math.max(...rows.map(({ committed }) => committed))
  t.diagnostic(`from the assignment to the first committed input: ${Math.round(slowest)} ms at most`)
  // The promise is a second; on a busy machine only what no load explains is a failure.
  assert.ok(slowest < 20_000, `${slowest} ms`)
})
