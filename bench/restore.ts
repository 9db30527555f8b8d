// How fast a stage reads its state back, all of it live: entries a second, CPU and wall. No broker.
//   npm run bench -- --only restore [--events 1000000] [--json FILE]
//   node --max-semi-space-size=64 --expose-gc --import tsx bench/restore.ts [entries] [windows,keyed,sessions,seen] [FILE]
import { writeFileSync } from 'node:fs'
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

/** Of one kind of state: entries a second, by the clock and by the CPU; bytes an entry in the changelog and on the heap. */
interface Restored {
  readonly kind: string
  readonly entries: number
  readonly bytesEach: number
  readonly rates: readonly number[]
  readonly cpuRates: readonly number[]
  readonly heapEach: number
}

const ROUNDS = 3

async function restore(kind: string, kept: Kept, entries: number): Promise<Restored> {
  const open = await opener(kept)
  const blocks = await blocksOf(open, kept, entries)
  const bytes = blocks.reduce((sum, { length }) => sum + length, 0)
  const rates: number[] = []
  const cpuRates: number[] = []
  let heapEach = 0
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc?.()
    const heap = process.memoryUsage().heapUsed
    const stage = open()
    const cpuBegan = process.cpuUsage()
    const began = performance.now()
    for (const block of blocks) stage.restore(block)
    const { user, system } = process.cpuUsage(cpuBegan)
    rates.push((entries * 1_000) / (performance.now() - began))
    cpuRates.push((entries * 1e6) / (user + system))
    globalThis.gc?.()
    // Later rounds take the place of the round before.
    if (round === 0) heapEach = (process.memoryUsage().heapUsed - heap) / entries
    if (stage.stateEntries !== entries) throw new Error(`${kind}: ${stage.stateEntries} entries of ${entries}`)
  }
  return { kind, entries, bytesEach: bytes / entries, rates, cpuRates, heapEach }
}

const millions = (rates: readonly number[]): string =>
  `${Math.min(...rates.map((rate) => rate / 1e6)).toFixed(2)}–${Math.max(...rates.map((rate) => rate / 1e6)).toFixed(2)} M`

const entries = Number(process.argv[2] ?? 1_000_000)
const all: Restored[] = []
for (const kind of (process.argv[3] ?? Object.keys(kinds).join()).split(',')) {
  const kept = kinds[kind]
  if (!kept) throw new Error(`there is no '${kind}': ${Object.keys(kinds).join(', ')}`)
  const restored = await restore(kind, kept, entries)
  all.push(restored)
  console.log(
    `${kind.padEnd(9)} ${entries} entries of ${restored.bytesEach.toFixed(0)} bytes: ${millions(restored.rates)}/s, ${millions(restored.cpuRates)} a CPU second; ${restored.heapEach.toFixed(0)} bytes of heap each`,
  )
}
const file = process.argv[4]
if (file !== undefined) writeFileSync(file, `${JSON.stringify({ entries, restores: all }, undefined, 2)}\n`)
