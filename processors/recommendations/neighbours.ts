/**
 * The most frequent items of a stream in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005, "Efficient
 * computation of frequent and top-k elements in data streams"). A new item takes the place of the least frequent one and
 * its count, which is kept as the error: count less error is what the item certainly had. Lists side by side, because
 * they are looked through for every pair of a basket: a few hundred small numbers are quicker so than any tree or map.
 */
export interface Counters {
  readonly ids: number[]
  readonly counts: number[]
  /** By how much each count may be too large. */
  readonly errors: number[]
}

export interface Counted {
  readonly id: number
  /** At least so often; exact while no item had to give way. */
  readonly times: number
}

export const noCounters = (): Counters => ({ ids: [], counts: [], errors: [] })

/** Counts an item once, keeping at most `most` of them. Which one gives way does not depend on the order of equals. */
export function count({ ids, counts, errors }: Counters, id: number, most: number): void {
  const known = ids.indexOf(id)
  if (known >= 0) {
    counts[known] = (counts[known] ?? 0) + 1
    return
  }
  if (ids.length < most) {
    ids.push(id)
    counts.push(1)
    errors.push(0)
    return
  }
  let [least, out] = [counts[0] ?? 0, 0]
  for (let i = 1; i < counts.length; i++) {
    const times = counts[i] as number
    if (times > least || (times === least && (ids[i] as number) < (ids[out] as number))) continue
    least = times
    out = i
  }
  ids[out] = id
  counts[out] = least + 1
  errors[out] = least
}

/** The `k` most frequent that were counted at least `from` times, the first first; equals by id. */
export function mostFrequent({ ids, counts, errors }: Counters, k: number, from: number): readonly Counted[] {
  return ids
    .map((id, i): Counted => ({ id, times: (counts[i] ?? 0) - (errors[i] ?? 0) }))
    .filter(({ times }) => times >= from)
    .sort((a, b) => b.times - a.times || a.id - b.id)
    .slice(0, k)
}
