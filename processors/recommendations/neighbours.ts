/**
 * The most frequent items of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005, "Efficient
 * computation of frequent and top-k elements in data streams"). A new item takes the place of the least frequent one and
 * its count, which is kept as the error: count less error is what the item certainly had.
 */
export interface Counters {
  readonly counts: Map<number, number>
  /** By how much a count may be too large; only of items that took another one's place. */
  readonly errors: Map<number, number>
}

export interface Counted {
  readonly id: number
  /** At least so often; exact while no item had to give way. */
  readonly times: number
}

export const noCounters = (): Counters => ({ counts: new Map(), errors: new Map() })

/** Counts an item once, keeping at most `most` of them. Which one gives way does not depend on the order of equals. */
export function count({ counts, errors }: Counters, id: number, most: number): void {
  const known = counts.get(id)
  if (known !== undefined) {
    counts.set(id, known + 1)
    return
  }
  if (counts.size < most) {
    counts.set(id, 1)
    return
  }
  let least = Number.POSITIVE_INFINITY
  let out = 0
  for (const [other, times] of counts)
    if (times < least || (times === least && other > out)) {
      least = times
      out = other
    }
  counts.delete(out)
  errors.delete(out)
  counts.set(id, least + 1)
  errors.set(id, least)
}

/** The `k` most frequent that were counted at least `from` times, the first first; equals by id. */
export function mostFrequent({ counts, errors }: Counters, k: number, from: number): readonly Counted[] {
  const all: Counted[] = []
  for (const [id, times] of counts) {
    const sure = times - (errors.get(id) ?? 0)
    if (sure >= from) all.push({ id, times: sure })
  }
  return all.sort((a, b) => b.times - a.times || a.id - b.id).slice(0, k)
}
