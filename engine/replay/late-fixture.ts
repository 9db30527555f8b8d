import fc from 'fast-check'
import { compile } from '#engine/compile'
import { type Deployment, names } from '#engine/runtime'
import { memoryRegistry, type Registry, type Topic } from '#engine/schema'
import { type Driven, drive, testClock } from '#engine/testing'
import { count, type Plan, processor, sum, tumbling, type Window } from '#engine/topology'
import {
  field,
  made,
  NEW_YEAR,
  type Sale,
  type SalesPerMinute,
  sale,
  sales,
  salesPerMinute,
  storeSales,
} from '../compile/trade-fixture.ts'

export const PARTITIONS = 2

/** A sale as properties make it: seconds after the new year, in any order, so that some come too late. */
export interface Sold {
  readonly store: number
  readonly seconds: number
  readonly cents: number
  readonly paid: boolean
  /** Absent: as its key says. */
  readonly partition?: number
}

/** One every five seconds, most of them about when they come, some minutes late. */
export const someSales = fc
  .array(
    fc.record({
      store: fc.nat(2),
      behind: fc.oneof({ weight: 3, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(300) }),
      cents: fc.integer({ min: 0, max: 10 ** 9 }),
      paid: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
    { minLength: 30, maxLength: 120 },
  )
  .map((all): Sold[] => all.map(({ behind, ...one }, n): Sold => ({ ...one, seconds: Math.max(0, n * 5 - behind) })))

/** Sizes and graces of windows, milliseconds. */
export const someWindows = fc.record({
  size: fc.integer({ min: 20_000, max: 120_000 }),
  grace: fc.integer({ min: 0, max: 30_000 }),
})

export const planOver = (source: Topic<Sale>, window: Window): Plan =>
  processor('sales-per-minute', ({ from }) =>
    from(source)
      .where({ status: 'PAID' })
      .keyBy('store', 'currency')
      .window(window.kind === 'tumbling' ? window : tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  )

export interface Correction extends SalesPerMinute {
  readonly correctionId: string
  readonly number: number
}

export const salesCorrections = made<Correction>(
  'trade.sales-corrections.v1',
  { kind: 'results', key: ['store', 'currency'], time: 'windowStart', id: ['correctionId'] },
  [
    ...[field.text('correctionId'), field.long('number'), field.text('store'), field.text('currency')],
    ...[field.time('windowStart'), field.time('windowEnd'), field.long('orders'), field.money('revenue')],
  ],
)

/** Sales that come out of order, and the processor that adds them up, driven by hand on a broker in memory. */
export class LateWorld {
  readonly source: Topic<Sale>
  readonly plan: Plan
  readonly driven: Driven
  readonly registry: Registry
  readonly sold: Sale[] = []
  readonly #id: number

  private constructor(source: Topic<Sale>, plan: Plan, driven: Driven, registry: Registry, id: number) {
    this.source = source
    this.plan = plan
    this.driven = driven
    this.registry = registry
    this.#id = id
  }

  static async open(options: {
    readonly rekeyed: boolean
    readonly size: number
    readonly grace: number
    readonly seed?: number
  }): Promise<LateWorld> {
    const { rekeyed, size, grace, seed = 1 } = options
    const source = rekeyed ? sales : storeSales
    const plan = planOver(source, { kind: 'tumbling', sizeMs: size, advanceMs: size, graceMs: grace })
    const registry = memoryRegistry()
    const schemaIds = new Map<string, number>()
    for (const topic of [source, salesPerMinute, salesCorrections])
      schemaIds.set(topic.name, await registry.register(topic))
    const about = { app: 'test', processor: plan.name, generation: 1, registry, schemaIds }
    const deployment: Deployment = { ...about, stages: compile(plan), results: [salesPerMinute.name] }
    const driven = await drive(deployment, { partitions: PARTITIONS, clock: testClock(NEW_YEAR), seed })
    return new LateWorld(source, plan, driven, registry, schemaIds.get(source.name) ?? 0)
  }

  sell(all: readonly Sold[]): void {
    for (const { store, seconds, cents, paid, partition } of all) {
      const value = sale({
        saleId: `s${this.sold.length}`,
        store: `store ${store}`,
        amount: BigInt(cents),
        status: paid ? 'PAID' : 'REFUSED',
        soldAt: NEW_YEAR + seconds * 1_000,
      })
      this.sold.push(value)
      this.driven.write({
        topic: this.source.name,
        key: Buffer.from(this.source.keyOf(value)),
        value: this.source.frame(this.#id, value),
        ...(partition === undefined ? {} : { partition }),
      })
    }
  }

  /** Time goes so far on in every partition that every window is closed. */
  async close(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const value = sale({ store: 'end', status: 'REFUSED', soldAt: NEW_YEAR + 1e9 })
      const key = Buffer.from(this.source.keyOf(value))
      this.driven.write({ topic: this.source.name, partition, key, value: this.source.frame(this.#id, value) })
    }
    await this.driven.run()
  }

  /** The ledger: what was published. */
  rows(): readonly SalesPerMinute[] {
    return this.driven
      .read(salesPerMinute.name)
      .flatMap(({ value }) => (value === null ? [] : [salesPerMinute.decode(value.subarray(5)) as SalesPerMinute]))
  }

  corrections(): readonly Correction[] {
    return this.driven.broker
      .committed(salesCorrections.name)
      .flatMap(({ value }) => (value === null ? [] : [salesCorrections.decode(value.subarray(5)) as Correction]))
  }

  late(): number {
    return this.driven.read(names.late(this.driven.deployment)).length
  }

  /** What each window comes to when nothing is too late: `store|start`. */
  truth(size: number): Map<string, { orders: number; revenue: bigint }> {
    const all = new Map<string, { orders: number; revenue: bigint }>()
    for (const { store, status, amount, soldAt } of this.sold) {
      if (status !== 'PAID') continue
      const name = `${store}|${Math.floor(soldAt / size) * size}`
      const own = all.get(name) ?? { orders: 0, revenue: 0n }
      all.set(name, { orders: own.orders + 1, revenue: own.revenue + amount })
    }
    return all
  }

  get sources() {
    return { broker: this.driven.broker, archive: undefined, archiveLog: undefined }
  }
}
