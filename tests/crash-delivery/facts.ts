import { type AnyTopic, type Topic, topic } from '#engine/schema'
import type { Random } from '../crash/random.ts'

/** What the sinks bring in a run: facts, and rows that replace one another. */
export interface Sale {
  readonly id: string
  readonly amount: bigint
  readonly note: string | null
  readonly at: number
}
export interface Stock {
  readonly item: string
  readonly level: number
  readonly at: number
}

const doc = 'For crash runs.'
const time = { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc }
const common = { partitions: 4, retention: 'forever', owner: 'tests', time: 'at' }

/** The topics of a run; `prefix` keeps runs on one broker apart. */
export function topicsOf(prefix: string): { readonly sales: Topic<Sale>; readonly stocks: Topic<Stock> } {
  const sales = topic<Sale>({
    type: 'record',
    name: 'Sale',
    namespace: 'crash',
    doc,
    topic: { ...common, name: `crash.${prefix}-sales.v1`, kind: 'facts', key: 'id', id: 'id' },
    fields: [
      { name: 'id', type: 'string', doc },
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 }, doc },
      { name: 'note', type: ['null', 'string'], default: null, doc },
      time,
    ],
  })
  const stocks = topic<Stock>({
    type: 'record',
    name: 'Stock',
    namespace: 'crash',
    doc,
    topic: { ...common, name: `crash.${prefix}-stocks.v1`, kind: 'table', key: 'item', id: 'item' },
    fields: [{ name: 'item', type: 'string', doc }, { name: 'level', type: 'long', doc }, time],
  })
  return { sales, stocks }
}

/** The table refuses sales of this amount, by a constraint of its own. */
export const UNWANTED = 66_600n
/** No table and no folder has room for this time. */
const BEYOND_ALL = 300_000_000_000_000

export interface Written {
  readonly topic: string
  readonly key: Buffer
  readonly value: Buffer | null
}

/** Records as a run writes them: mostly sound, some that a store cannot take. */
export class Writer {
  readonly #random: Random
  readonly #sales: Topic<Sale>
  readonly #stocks: Topic<Stock>
  readonly #ids: ReadonlyMap<string, number>
  #written = 0

  constructor(topics: ReturnType<typeof topicsOf>, ids: ReadonlyMap<string, number>, random: Random) {
    this.#random = random
    this.#sales = topics.sales
    this.#stocks = topics.stocks
    this.#ids = ids
  }

  some(count: number): Written[] {
    return Array.from({ length: count }, () => this.#one(this.#written++))
  }

  #one(n: number): Written {
    const random = this.#random
    // Three months, so that an insert is of several partitions.
    const at = Date.UTC(2026, random.pick([0, 0, 0, 1, 2]), random.between(1, 28))
    const fate = random.fraction()
    if (random.chance(0.35)) {
      const stock = { item: `item-${random.between(0, 15)}`, level: n, at }
      const key = Buffer.from(stock.item)
      if (fate < 0.1) return { topic: this.#stocks.name, key, value: null }
      return { topic: this.#stocks.name, key, value: this.#framed(this.#stocks, stock) }
    }
    const sale: Sale = {
      id: `sale-${n}`,
      amount: fate < 0.02 ? UNWANTED : BigInt(random.between(-9_999, 66_599)),
      note: random.chance(0.3) ? null : `note ${n} ü`,
      at: fate > 0.99 ? BEYOND_ALL : at,
    }
    const broken = fate > 0.97 && fate < 0.98
    const value = broken ? Buffer.from(`broken ${n}`) : this.#framed(this.#sales, sale)
    return { topic: this.#sales.name, key: Buffer.from(sale.id), value: fate > 0.98 && fate < 0.985 ? null : value }
  }

  #framed<V>(own: Topic<V>, value: V): Buffer {
    return Buffer.from(own.frame(this.#ids.get(own.name) ?? 0, value))
  }
}

export const bothOf = ({ sales, stocks }: ReturnType<typeof topicsOf>): readonly AnyTopic[] => [sales, stocks]
