import type { QuantilesColumn } from '#engine/topology'
import type { Accumulator } from './accumulator.ts'
import { DDSketch } from './ddsketch.ts'
import { Kind } from './living.ts'

const misfit = (value: unknown): string | undefined =>
  typeof value === 'bigint' || Number.isFinite(value) ? undefined : 'is no finite number'

/** One slot: a sketch of the field's unscaled numbers. @param scale of an exact decimal: results are in units */
export function sketchingQuantiles({ at: wanted, accuracy, yields }: QuantilesColumn, scale: number): Accumulator {
  const kind = new Kind(DDSketch, (state) => DDSketch.read(accuracy, state as Buffer))
  return {
    width: 1,
    ordered: false,
    start(slots, at) {
      slots[at] = new DDSketch(accuracy)
    },
    misfit,
    add(slots, at, value) {
      if (value !== null) kind.in(slots, at).add(Number(value))
    },
    merge: (slots, at, from) => kind.in(slots, at).merge(kind.of(from, at)),
    result(slots, at) {
      const values = kind
        .of(slots, at)
        .quantiles(wanted)
        .map((value) => value / 10 ** scale)
      return yields === 'list' ? values : (values[0] ?? null)
    },
  }
}
