import assert from 'node:assert/strict'
import { compile } from '#engine/compile'
import { CutLog } from '#engine/delivery'
import { type Deployment, startWorker, type Worker } from '#engine/runtime'
import { memoryRegistry, type Topic } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { count, type Plan, processor, sum, tumbling } from '#engine/topology'
import {
  NEW_YEAR,
  type Sale,
  type SalesPerMinute,
  sale,
  sales,
  salesPerMinute,
  storeSales,
} from '../compile/trade-fixture.ts'
import { MemoryStore } from '../delivery/delivery-fixture.ts'
import { planReplay } from './facts.ts'
import {
  type Decision,
  FOREVER,
  type Generation,
  GenerationLog,
  type GenerationRecord,
  generationsOf,
} from './generations.ts'
import { expectMayRun, inForceOf } from './in-force.ts'
import { boundsUpTo, progressOf, sourcePositions } from './positions.ts'
import { inForceDeployment, runReplay } from './run.ts'
import type { SwitchOptions } from './switch.ts'
import type { SwitchableTables } from './verify.ts'

/** Two versions of one processor whose states do not fit each other: the second counts items where the first counts orders. */
export type Version = 'orders' | 'items'

const NAME = 'sales-per-minute'
const PARTITIONS = 2
const MINUTE = 60_000

export const planOf = (version: Version, source: Topic<Sale>): Plan =>
  processor(NAME, ({ from }) =>
    from(source)
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ orders: version === 'orders' ? count() : sum('items'), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  )

const itemsOf = (n: number): number => 2 + (n % 3)

export interface Row {
  readonly window: string
  readonly version: Version | undefined
}

/** A processor that runs, and a version of it that is to take over, on a fake broker with real workers. */
export class LiveWorld {
  readonly broker: FakeBroker = fakeBroker({ seed: 5, lateMarkers: true })
  readonly store = new MemoryStore()
  readonly log: GenerationLog = new GenerationLog({ broker: this.broker, app: 'test', clock: systemClock })
  readonly tables = new Tables()
  readonly registry = memoryRegistry()
  readonly source: Topic<Sale>
  readonly workers: Worker[] = []
  private readonly schemaIds = new Map<string, number>()
  private sold = 0

  private constructor(source: Topic<Sale>) {
    this.source = source
  }

  static async open(rekey: boolean): Promise<LiveWorld> {
    const world = new LiveWorld(rekey ? sales : storeSales)
    const { broker, registry, schemaIds, source } = world
    for (const topic of [source, salesPerMinute]) schemaIds.set(topic.name, await registry.register(topic))
    await broker.admin.ensure(
      [source, salesPerMinute].map(({ name }) => ({ name, partitions: PARTITIONS, settings: {} })),
    )
    return world
  }

  sell(more: number): void {
    const id = this.schemaIds.get(this.source.name) ?? 0
    for (const end = this.sold + more; this.sold < end; this.sold++) {
      const n = this.sold
      const value = sale({ saleId: `s${n}`, store: `store ${n % 5}`, soldAt: NEW_YEAR + n * 1_000, items: itemsOf(n) })
      const key = Buffer.from(this.source.keyOf(value))
      this.broker.write({ topic: this.source.name, key, value: this.source.frame(id, value) })
    }
  }

  /** Time goes far on in every partition: every window closes. */
  close(): void {
    const id = this.schemaIds.get(this.source.name) ?? 0
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const value = sale({ store: `end ${partition}`, soldAt: NEW_YEAR + 1e9 + this.sold * 1_000 })
      const key = Buffer.from(this.source.keyOf(value))
      this.broker.write({ topic: this.source.name, partition, key, value: this.source.frame(id, value) })
    }
  }

  deployment(version: Version): Deployment {
    const { registry, schemaIds, source } = this
    const stages = compile(planOf(version, source))
    return { app: 'test', processor: NAME, generation: 1, stages, results: [salesPerMinute.name], schemaIds, registry }
  }

  /** As `kappa run`: the generation in force, by the code that is there. @param stages as many of its stages run */
  async run(version: Version, stages = 2): Promise<Worker> {
    const { started } = inForceOf(await this.log.all(), NAME)
    const deployment = inForceDeployment(this.deployment(version), started, salesPerMinute)
    const mayRun: Deployment['mayRun'] = async ({ inputs }) =>
      expectMayRun(
        inForceOf(await this.log.all(), NAME),
        deployment,
        inputs.every(({ role }) => role !== 'repartition'),
      )
    const settings = { commitIntervalMs: 5, lookIntervalMs: 5 }
    const worker = await startWorker({
      broker: this.broker,
      deployments: [{ ...deployment, stages: deployment.stages.slice(0, stages), mayRun }],
      settings,
    })
    this.workers.push(worker)
    return worker
  }

  async positions(generation: number) {
    return await sourcePositions(
      this.broker,
      await progressOf(this.broker, { app: 'test', processor: NAME, generation }),
    )
  }

  async generation(): Promise<Generation> {
    const found = generationsOf(await this.log.all(), NAME).at(-1)
    assert.ok(found)
    return found
  }

  /** As `kappa replay run --live`: by the second version. */
  async replay(...decisions: readonly Decision[]): Promise<void> {
    const plan = planOf('items', this.source)
    const request = {
      ...{ processor: NAME, topic: salesPerMinute.name, from: NEW_YEAR - MINUTE, to: FOREVER },
      ...{ source: 'auto' as const, version: plan.version, live: true },
    }
    const sources = { broker: this.broker, archive: undefined, archiveLog: undefined }
    const { bounds } = await planReplay(plan, request, sources)
    const upTo = boundsUpTo(bounds, await this.positions(1))
    await this.log.decide((_, at) => ({ ...request, generation: 2, decision: 'started', bounds: upTo, at }))
    await this.catchUp((await this.generation()).started, await this.positions(1))
    for (const decision of decisions) await this.log.decide((_, at) => ({ ...request, generation: 2, decision, at }))
  }

  async catchUp(started: GenerationRecord, positions: Awaited<ReturnType<LiveWorld['positions']>>) {
    const sources = { broker: this.broker, archive: undefined, archiveLog: undefined }
    const plan = await planReplay(
      planOf('items', this.source),
      started,
      sources,
      boundsUpTo(started.bounds ?? {}, positions),
    )
    const { destination, cuts, topic, clock } = this.options()
    const live = this.deployment('items')
    await runReplay({ ...sources, plan, live, generation: started.generation, topic, destination, cuts, clock })
  }

  options(atStep?: SwitchOptions['atStep']): SwitchOptions {
    const { broker, registry, log, store, tables } = this
    return {
      drainPatienceMs: 500,
      ...{ app: 'test', broker, registry, log, destination: store, tables, topic: salesPerMinute, clock: systemClock },
      cuts: new CutLog({ sink: 'memory', broker, clock: systemClock }),
      catchUp: (started, positions) => this.catchUp(started, positions),
      ...(atStep === undefined ? {} : { atStep }),
    }
  }

  /** Committed rows of a topic in their order, each with the version that it is right for. */
  rows(topic: string = salesPerMinute.name): readonly Row[] {
    return this.broker.committed(topic).flatMap(({ value }) => {
      if (value === null) return []
      const { store, windowStart, orders } = salesPerMinute.decode(value.subarray(5)) as SalesPerMinute
      if (store.startsWith('end')) return []
      const window = `${store} ${(windowStart - NEW_YEAR) / MINUTE}`
      return [
        {
          window,
          version: orders === this.truth('orders').get(window) ? ('orders' as const) : this.items(window, orders),
        },
      ]
    })
  }

  private items(window: string, orders: number): Version | undefined {
    return orders === this.truth('items').get(window) ? 'items' : undefined
  }

  /** What each window comes to. */
  truth(version: Version): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (let n = 0; n < this.sold; n++) {
      const window = `store ${n % 5} ${Math.floor(n / 60)}`
      sums.set(window, (sums.get(window) ?? 0) + (version === 'orders' ? 1 : itemsOf(n)))
    }
    return sums
  }

  /** Stops every worker in good order, as `kappa run` does when another generation is in force. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()))
  }
}

/** Two tables that take each other's place, without rows. */
class Tables implements SwitchableTables {
  live = 1
  differing = 0

  async compare() {
    return { compared: 10, differing: this.differing, rows: [] }
  }
  async copyOutside() {
    assert.equal(this.live, 1, 'after the exchange it would copy the wrong way')
  }
  async exchange() {
    this.live = 2
  }
  async rollback() {
    this.live = 1
  }
  async copySince() {
    assert.equal(this.live, 2)
  }
  async shown() {
    return this.live
  }
  async drop() {}
}

export async function until(check: () => boolean | Promise<boolean>, what: string, tries = 1_500): Promise<void> {
  for (let i = 0; i < tries; i++) {
    if (await check()) return
    await systemClock.sleep(10)
  }
  assert.fail(`waited in vain: ${what}`)
}
