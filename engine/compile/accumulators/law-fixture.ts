import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ByteReader, ByteWriter } from '#engine/state'
import type { Accumulator } from './accumulator.ts'

/** One addition: a value (null: none) and where its event stands. */
export interface Taken {
  readonly value: unknown
  readonly time: number
  readonly source: number
  readonly offset: number
}

/** Additions in the order taken: each source's offsets ascend, times come in any order. */
export const takenOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Taken[]> =>
  fc
    .array(
      fc.record({
        value: fc.option(value, { nil: null, freq: 6 }),
        time: fc.integer({ min: 0, max: 20 }),
        source: fc.integer({ min: 0, max: 2 }),
      }),
      { maxLength: 40 },
    )
    .map((list) => list.map((one, offset) => ({ ...one, offset })))

const GAP = 2

/** Slots with something else in front, as a cell of several aggregates has it. */
const started = (accumulator: Accumulator): unknown[] => {
  const slots: unknown[] = ['other', 'column']
  accumulator.start(slots, GAP)
  return slots
}

export function cellOf(accumulator: Accumulator, list: readonly Taken[]): unknown[] {
  const slots = started(accumulator)
  for (const one of list) accumulator.add(slots, GAP, one.value, one)
  return slots
}

export const resultOf = (accumulator: Accumulator, slots: readonly unknown[]): unknown => accumulator.result(slots, GAP)

/** The slots as another task reads them from the changelog or a repartition topic. */
export function written(slots: readonly unknown[]): unknown[] {
  const writer = new ByteWriter()
  writer.values(slots)
  return new ByteReader(writer.take()).values()
}

/**
 * What every accumulator has to keep: merging cells gives what one cell of all events gives, whether a cell was written
 * and read in between or not; what is merged stays as it was. `same` compares results (for doubles: nearly).
 * An `ordered` one is merged in the order of its events, any other in any order.
 */
export function checkMerging(
  accumulator: Accumulator,
  value: fc.Arbitrary<unknown>,
  same: (merged: unknown, whole: unknown) => void = assert.deepStrictEqual,
): void {
  const cut = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(takenOf(value), cut, fc.boolean(), fc.infiniteStream(fc.nat()), (list, cuts, read, draw) => {
      const bounds = [0, ...cuts.map((at) => Math.min(at, list.length)).sort((a, b) => a - b), list.length]
      const parts = bounds.slice(1).map((to, n) => list.slice(bounds[n], to))
      const cells = parts.map((part) => cellOf(accumulator, part))
      if (!accumulator.ordered) shuffle(cells, draw)
      const into = started(accumulator)
      for (const cell of cells) {
        const from = read ? written(cell) : cell
        const before = written(from)
        accumulator.merge(into, GAP, from)
        assert.deepStrictEqual(written(from), before)
      }
      const whole = cellOf(accumulator, list)
      same(resultOf(accumulator, into), resultOf(accumulator, whole))
      same(resultOf(accumulator, written(into)), resultOf(accumulator, whole))
      assert.deepStrictEqual(into.slice(0, GAP), ['other', 'column'])
      assert.equal(into.length, GAP + accumulator.width)
    }),
  )
}

/** A merged cell goes on as one that had all events, and does not write into what it was merged from. */
export function checkGoingOn(
  accumulator: Accumulator,
  value: fc.Arbitrary<unknown>,
  same: (merged: unknown, whole: unknown) => void = assert.deepStrictEqual,
): void {
  fc.assert(
    fc.property(takenOf(value), takenOf(value), fc.boolean(), (before, after, read) => {
      const part = cellOf(accumulator, before)
      const kept = written(part)
      const into = started(accumulator)
      accumulator.merge(into, GAP, part)
      const going = read ? written(into) : into
      const later = after.map((one) => ({ ...one, offset: one.offset + 100 }))
      for (const one of later) accumulator.add(going, GAP, one.value, one)
      same(resultOf(accumulator, going), resultOf(accumulator, cellOf(accumulator, [...before, ...later])))
      assert.deepStrictEqual(written(part), kept)
    }),
  )
}

function shuffle<T>(list: T[], draw: Iterator<number>): void {
  for (let n = list.length - 1; n > 0; n--) {
    const other = (draw.next().value as number) % (n + 1)
    const one = list[n] as T
    list[n] = list[other] as T
    list[other] = one
  }
}
