import type { CollectColumn } from '#engine/topology'
import { type Accumulator, fits } from './accumulator.ts'

type Collected = readonly [value: unknown, time: number, source: number, offset: number]

const byTime = (a: Collected, b: Collected): number => a[1] - b[1] || a[2] - b[2] || a[3] - b[3]
const byOffset = (a: Collected, b: Collected): number => a[3] - b[3]

/**
 * One slot: values with their places. What is kept and in which order it comes out depend on the places alone, so any
 * split into cells that are merged later gives the same list.
 */
export function collecting({ limit, keep, order }: Pick<CollectColumn, 'limit' | 'keep' | 'order'>): Accumulator {
  const cut = (list: Collected[]): Collected[] => {
    if (list.length <= limit) return list
    list.sort(byTime)
    if (keep === 'first') list.length = limit
    else list.splice(0, list.length - limit)
    return list
  }
  return {
    width: 1,
    ordered: false,
    start(slots, at) {
      slots[at] = []
    },
    misfit: fits,
    add(slots, at, value, place) {
      if (value === null) return
      const list = slots[at] as Collected[]
      list.push([value, place.time, place.source, place.offset])
      // Cut now and then, so that an addition costs the same on average however many are dropped.
      if (list.length > 2 * limit) cut(list)
    },
    merge(slots, at, from) {
      slots[at] = cut([...(slots[at] as Collected[]), ...(from[at] as Collected[])])
    },
    result(slots, at) {
      const list = cut([...(slots[at] as Collected[])])
      const oneSource = list.every(([, , source]) => source === list[0]?.[2])
      list.sort(order === 'taken' && oneSource ? byOffset : byTime)
      return list.map(([value]) => value)
    },
  }
}
