/** One line of a basket, as far as a model of households reads it. */
export interface Line {
  readonly householdId: number
  readonly basketId: number
  readonly productId: number
  /** In cents. */
  readonly salesValue: bigint
  readonly purchasedAt: number
}

/** One household's baskets in the order of time. */
export interface History {
  readonly householdId: number
  /** When each was bought, milliseconds, ascending. */
  readonly at: readonly number[]
  /** What was paid for all of them before each, and behind the last one for all; cents. */
  readonly paidBefore: readonly number[]
  /** The products of its lines, basket by basket, in each ascending. */
  readonly products: readonly number[]
  /** How many of these are before each basket, and behind the last one all. */
  readonly productsBefore: readonly number[]
}

const FIRST_ROOM = 1 << 16
const COLUMNS = ['household', 'at', 'basket', 'product', 'cents'] as const
type Column = (typeof COLUMNS)[number]

/** Collects purchase lines, in any order; one that comes twice counts once. */
export class Visits {
  #count = 0
  #columns = new Map<Column, Float64Array>(COLUMNS.map((name) => [name, new Float64Array(FIRST_ROOM)]))

  /** Lines so far. */
  get lines(): number {
    return this.#count
  }

  add({ householdId, purchasedAt, basketId, productId, salesValue }: Line): void {
    const at = this.#count++
    const values = [householdId, purchasedAt, basketId, productId, Number(salesValue)]
    for (const [n, name] of COLUMNS.entries()) this.#column(name, at)[at] = values[n] ?? 0
  }

  #column(name: Column, at: number): Float64Array {
    const column = this.#columns.get(name) ?? new Float64Array(FIRST_ROOM)
    if (at < column.length) return column
    const longer = new Float64Array(column.length * 2)
    longer.set(column)
    this.#columns.set(name, longer)
    return longer
  }

  /** By household, ascending. */
  histories(): readonly History[] {
    const [household, at, basket, product, cents] = COLUMNS.map((name) => this.#column(name, 0)) as [C, C, C, C, C]
    const order = new Uint32Array(this.#count)
    for (let i = 0; i < order.length; i++) order[i] = i
    const apart = (column: C, a: number, b: number): number => (column[a] as number) - (column[b] as number)
    order.sort((a, b) => apart(household, a, b) || apart(at, a, b) || apart(basket, a, b) || apart(product, a, b))
    const all: { [F in keyof History]: History[F] extends number ? number : number[] }[] = []
    let paid = 0
    const end = (own: (typeof all)[number] | undefined): void => {
      own?.paidBefore.push(paid)
      own?.productsBefore.push(own.products.length)
    }
    for (const [n, i] of order.entries()) {
      const before = order[n - 1]
      const same = (column: C): boolean => before !== undefined && column[before] === column[i]
      if (same(household) && same(at) && same(basket) && same(product)) continue
      let own = all.at(-1)
      if (own === undefined || !same(household)) {
        end(own)
        paid = 0
        own = { householdId: household[i] as number, at: [], paidBefore: [], products: [], productsBefore: [] }
        all.push(own)
      }
      if (own.at.length === 0 || !same(at) || !same(basket)) {
        own.at.push(at[i] as number)
        own.paidBefore.push(paid)
        own.productsBefore.push(own.products.length)
      }
      own.products.push(product[i] as number)
      paid += cents[i] as number
    }
    end(all.at(-1))
    return all
  }
}

type C = Float64Array
