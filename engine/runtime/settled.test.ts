import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBroker, tallyRecord } from '#engine/testing'
import { tally, tallyDeployment } from './deployment-fixture.ts'
import { settled } from './settled.ts'
import { startWorker } from './worker.ts'

const START = 1_700_000_040_000
const GRACE = 10_000
const SOURCE = 'test.events.v1'

for (const rekey of [false, true])
  test(`what is settled follows the slowest source, grace behind it${rekey ? ', behind a re-key too' : ''}`, async () => {
    const broker = fakeBroker({ seed: 3 })
    await broker.admin.ensure([SOURCE, 'test.tallies.v1'].map((name) => ({ name, partitions: 2, settings: {} })))
    const deployment = tallyDeployment(tally({ rekey, graceMs: GRACE }))
    const write = (partition: number, at: number) =>
      broker.write({ ...tallyRecord(SOURCE, { key: 'a', at, count: 1 }), partition })
    /** Runs a worker until everything is taken and the watermarks of that have arrived. */
    const run = async (until: number) => {
      const worker = await startWorker({ broker, deployments: [deployment], settings: { commitIntervalMs: 5 } })
      let now = await settled(broker, deployment, GRACE)
      for (let tries = 0; tries < 300 && (now.behind > 0 || now.until !== until); tries++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        now = await settled(broker, deployment, GRACE)
      }
      await worker.stop()
      return now
    }
    write(0, START + 120_000)
    write(1, START + 60_000)
    assert.deepEqual(await run(START + 60_000 - GRACE), { until: START + 60_000 - GRACE, behind: 0 })
    write(1, START + 300_000)
    const stopped = await settled(broker, deployment, GRACE)
    assert.deepEqual(stopped, { until: START + 60_000 - GRACE, behind: 1 }, 'told whether a worker runs or not')
    assert.deepEqual(await run(START + 120_000 - GRACE), { until: START + 120_000 - GRACE, behind: 0 })
    assert.equal((await settled(broker, deployment, Number.POSITIVE_INFINITY)).until, undefined)
  })
