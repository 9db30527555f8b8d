// How fast a stage reads its state back, all of it live: entries a second, CPU and wall. No broker.
//   node --max-semi-space-size=64 --expose-gc --import tsx bench/restore.ts [entries] [windows,keyed,sessions,seen]
// Beside Kafka Streams, from a broker: npm run bench -- --only restore
import { pathToFileURL } from 'node:url'
import { type Plan, processor } from '#engine'
import type { KafkaRecord } from '#engine/broker'
import { compile, type Stage } from '#engine/compile'
import { session, tumbling } from '#engine/topology'
import { purchases } from '#schemas'
import { totals } from './queries.ts'
import { benchRegistry, distinct, sessions, userPerMinute } from './topics.ts'
import { purchaseOf, type World, worldOf } from './world.ts'

interface Kept {
  readonly plan: Plan
  /** What makes event `n` an entry of its own. */
  readonly world: Partial<World>
}

const START = 1_735_689_600_000
const KEYS = 50_000
const COMMIT = 50_000

const kinds: Readonly<Record<string, Kept>> = {
  windows: {
    plan: processor('restore-windows', ({ from }) =>
      from(purchases)
        .keyBy('visitorId')
        .window(tumbling({ size: '1 minute', grace: '7 days' }))
        .aggregate(totals)
        .emit('on-close')
        .to(userPerMinute),
    ),
    world: { visitor: (n) => n % KEYS, at: (n) => START + Math.floor(n / KEYS) * 60_000 },
  },
  sessions: {
    plan: processor('restore-sessions', ({ from }) =>
      from(purchases)
        .keyBy('visitorId')
        .window(session({ gap: '20 seconds', grace: '7 days' }))
        .aggregate(totals)
        .emit('on-close')
        .to(sessions),
    ),
    world: { visitor: (n) => n % KEYS, at: (n) => START + Math.floor(n / KEYS) * 60_000 },
  },
  keyed: {
    plan: processor('restore-keyed', ({ from }) =>
      from(purchases)
        .keyBy('visitorId')
        .process({
          name: 'totals',
          reads: ['eventId', 'orderId', 'amount', 'occurredAt'],
          ttl: '7 days',
          state: { initial: () => ({ orders: 0, last: '', amount: 0n }) },
          onEvent({ key }, { eventId, orderId, amount, occurredAt }, state) {
            state.orders++
            state.last = orderId
            state.amount += amount
            return { eventId, visitorId: key.visitorId, orderId, amount, occurredAt }
          },
        })
        .to(distinct),
    ),
    world: { visitor: (n) => n, at: () => START },
  },
  seen: {
    plan: processor('restore-seen', ({ from }) =>
      from(purchases)
        .map([], () => ({}), { keep: ['eventId', 'visitorId', 'orderId', 'amount', 'occurredAt'] })
        .deduplicate({ by: ['orderId'], within: '1 day' })
        .to(distinct),
    ),
    world: { visitor: (n) => n % KEYS, at: (n) => START + n },
  },
}

async function opener({ plan }: Kept): Promise<() => Stage> {
  const registry = await benchRegistry()
  const { destination } = plan
  const schemaIds = new Map([[destination.name, await registry.idOf(destination)]])
  const [spec] = compile(plan)
  if (!spec) throw new Error(`${plan.name} has no stage`)
  return () => spec.open({ partition: 0, partitions: 4, generation: 1, schemaIds, registry })
}

/** The blocks of the commits that `entries` events make, every event an entry. */
async function blocksOf(open: () => Stage, kept: Kept, entries: number): Promise<Buffer[]> {
  const world: World = { ...worldOf(entries, START), original: (n) => n, ...kept.world }
  const stage = open()
  const schemaId = await (await benchRegistry()).idOf(purchases)
  const blocks: Buffer[] = []
  for (let n = 0; n < entries; ) {
    const records: KafkaRecord[] = []
    for (; records.length < COMMIT && n < entries; n++) {
      const purchase = purchaseOf(world, n)
      records.push({
        topic: purchases.name,
        partition: 0,
        offset: n,
        timestamp: START,
        key: Buffer.from(purchase.visitorId),
        value: purchases.frame(schemaId, purchase),
        headers: undefined,
      })
    }
    await stage.prepare([records])
    stage.accept([records])
    stage.drain()
    const block = stage.takeDelta()
    if (block) blocks.push(block)
  }
  if (stage.stateEntries < entries)
    throw new Error(`${stage.stateEntries} entries of ${entries}: some were merged or dropped`)
  return blocks
}

async function restore(name: string, kept: Kept, entries: number): Promise<void> {
  const open = await opener(kept)
  const blocks = await blocksOf(open, kept, entries)
  const bytes = blocks.reduce((sum, { length }) => sum + length, 0)
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    const heap = process.memoryUsage().heapUsed
    const stage = open()
    const cpuBegan = process.cpuUsage()
    const began = performance.now()
    for (const block of blocks) stage.restore(block)
    const seconds = (performance.now() - began) / 1_000
    const { user, system } = process.cpuUsage(cpuBegan)
    if (stage.stateEntries !== entries) throw new Error(`${name}: ${stage.stateEntries} entries of ${entries}`)
    globalThis.gc?.()
    const held = (process.memoryUsage().heapUsed - heap) / entries
    const rate = (ms: number) => `${((entries / ms) * 1e-6).toFixed(2)} M`
    console.log(
      `${name.padEnd(9)} ${entries} entries, ${(bytes / entries).toFixed(1)} bytes each: ${rate(seconds)}/s, ${rate((user + system) / 1e6)} a CPU second; ${held.toFixed(0)} bytes of heap an entry`,
    )
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const entries = Number(process.argv[2] ?? 1_000_000)
  for (const name of (process.argv[3] ?? Object.keys(kinds).join()).split(',')) {
    const kept = kinds[name]
    if (!kept) throw new Error(`there is no '${name}': ${Object.keys(kinds).join(', ')}`)
    await restore(name, kept, entries)
  }
}
