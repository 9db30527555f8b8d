import type { Bought } from './bought.ts'

/** One line of a basket, as far as a model of tastes reads it. */
export interface Line {
  readonly householdId: number
  readonly productId: number
  readonly basketId: number
}

const FIRST_ROOM = 1 << 16

/**
 * Collects purchase lines and makes of them how many baskets of each household had each product. What it makes does not
 * depend on the order in which lines come, nor on how often one comes: partitions may be read as they are.
 */
export class Baskets {
  #count = 0
  #households = new Float64Array(FIRST_ROOM)
  #products = new Float64Array(FIRST_ROOM)
  #baskets = new Float64Array(FIRST_ROOM)

  /** Lines so far. */
  get lines(): number {
    return this.#count
  }

  add({ householdId, productId, basketId }: Line): void {
    const at = this.#count++
    if (at === this.#households.length) this.#grow()
    this.#households[at] = householdId
    this.#products[at] = productId
    this.#baskets[at] = basketId
  }

  #grow(): void {
    const longer = (column: Float64Array<ArrayBuffer>) => {
      const grown = new Float64Array(column.length * 2)
      grown.set(column)
      return grown
    }
    this.#households = longer(this.#households)
    this.#products = longer(this.#products)
    this.#baskets = longer(this.#baskets)
  }

  /** Ids ascending, rows by household, columns by product: one form for one set of baskets. */
  bought(): Bought {
    const households = distinct(this.#households.subarray(0, this.#count))
    const products = distinct(this.#products.subarray(0, this.#count))
    const [rowOf, columnOf] = [placesOf(households), placesOf(products)]
    const cells = this.#cells(rowOf, columnOf, products.length)
    const starts = new Int32Array(households.length + 1)
    const columns: number[] = []
    const times: number[] = []
    let last = -1
    for (const cell of cells) {
      if (cell === last) {
        times[times.length - 1] = (times.at(-1) ?? 0) + 1
        continue
      }
      last = cell
      const row = Math.floor(cell / products.length)
      starts[row + 1] = (starts[row + 1] ?? 0) + 1
      columns.push(cell - row * products.length)
      times.push(1)
    }
    for (let row = 0; row < households.length; row++) starts[row + 1] = (starts[row + 1] ?? 0) + (starts[row] ?? 0)
    return {
      ...{ households, products, lines: this.#count },
      matrix: {
        rows: households.length,
        columns: products.length,
        starts,
        at: Int32Array.from(columns),
        times: Float64Array.from(times),
      },
    }
  }

  /** A number for the cell of every basket with the product, ascending: a basket counts once, however many lines it has. */
  #cells(rowOf: ReadonlyMap<number, number>, columnOf: ReadonlyMap<number, number>, width: number): Float64Array {
    const order = new Uint32Array(this.#count)
    for (let i = 0; i < this.#count; i++) order[i] = i
    const cells = new Float64Array(this.#count)
    for (let i = 0; i < this.#count; i++) {
      const row = rowOf.get(this.#households[i] ?? 0) ?? 0
      cells[i] = row * width + (columnOf.get(this.#products[i] ?? 0) ?? 0)
    }
    const value = (column: Float64Array, i: number): number => column[i] ?? 0
    order.sort((a, b) => value(cells, a) - value(cells, b) || value(this.#baskets, a) - value(this.#baskets, b))
    const once = new Float64Array(this.#count)
    let kept = 0
    for (let i = 0; i < order.length; i++) {
      const [line, before] = [order[i] ?? 0, order[i - 1] ?? 0]
      const again = i > 0 && cells[line] === cells[before] && this.#baskets[line] === this.#baskets[before]
      if (!again) once[kept++] = value(cells, line)
    }
    return once.subarray(0, kept)
  }
}

function distinct(values: Float64Array): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

const placesOf = (ids: readonly number[]): ReadonlyMap<number, number> => new Map(ids.map((id, place) => [id, place]))
