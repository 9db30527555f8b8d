import { writeSync } from 'node:fs'
import { kafkaBroker } from '#engine/broker'
import { reasonOf } from '#engine/errors'
import { type AtStep, startWorker } from '#engine/runtime'
import { build, topologies } from '../topologies/index.ts'
import type { Ask, Order } from './orders.ts'

// A worker process of the real crash suite: `worker-fixture.ts ORDER` as JSON. Says `ready`, and `struck` before a strike.
const order = JSON.parse(process.argv[2] ?? '{}') as Order
const topology = topologies.find(({ name }) => name === order.topology)
if (!topology) throw new Error(`there is no topology '${order.topology}'`)
const built = await build(topology, order.prefix)
const broker = kafkaBroker({ brokers: order.brokers, clientId: order.id, fetching: order.fetching })
const strikes: Extract<Ask, { kind: 'strike' }>[] = []

/** Written at once: the process may be gone a moment later. */
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

const atStep: AtStep = (what, step) => {
  const index = strikes.findIndex((strike) => strike.what === what && strike.step === step && --strike.nth < 1)
  const [strike] = index === -1 ? [] : strikes.splice(index, 1)
  if (!strike) return
  say(strike.stops ? 'stopped' : 'killed')
  process.kill(process.pid, strike.stops ? 'SIGSTOP' : 'SIGKILL')
}

process.on('message', (ask: Ask) => {
  if (ask.kind === 'strike') strikes.push({ ...ask })
  else if (ask.kind === 'calm') strikes.length = 0
  else
    void starting
      .then((worker) => worker.status(true))
      .then((statuses) => process.send?.({ id: ask.id, statuses }))
      // A broker that is away: the next question will be answered.
      .catch(() => process.send?.({ id: ask.id, statuses: [] }))
})

const starting = startWorker({
  broker,
  id: order.id,
  deployments: [built.deployment(1)],
  settings: { ...order.settings, ...(order.stateFolder === undefined ? {} : { stateFolder: order.stateFolder }) },
  isStatic: order.isStatic,
  sessionTimeoutMs: 2_000,
  atStep,
})
process.once('SIGTERM', async () => {
  const worker = await starting
  await worker.stop()
  await broker.close()
  process.exit(0)
})
try {
  await starting
  say('ready')
} catch (thrown) {
  // The broker was away when it started: whoever started it tries again.
  process.stderr.write(`worker ${order.id} did not start: ${reasonOf(thrown)}\n`)
  process.exit(1)
}
