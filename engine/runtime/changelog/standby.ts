/**
 * Which tasks a worker stands by for. The group deals partitions in ranges over its members by id (Kafka's range assignor),
 * so whoever knows the members knows what each would be given if some of them left: that is what it follows beforehand. A
 * wrong guess costs time, never correctness.
 */
export function standbyPartitions(
  me: string,
  members: readonly string[],
  partitions: number,
  standbys: number,
): ReadonlySet<number> {
  const own = new Set(range(me, members, partitions))
  const wanted = new Set<number>()
  for (const leaving of subsets(
    members.filter((id) => id !== me),
    Math.min(standbys, MOST_LEAVING),
  )) {
    const left = members.filter((id) => !leaving.includes(id))
    for (const partition of range(me, left, partitions)) if (!own.has(partition)) wanted.add(partition)
  }
  return wanted
}

/** More leaving at once is a disaster that a restore from the beginning may serve; the combinations would be many. */
const MOST_LEAVING = 2

/** Consecutive partition numbers of a member, as Kafka's range assignor deals them: the first members get one more. */
export function range(id: string, members: readonly string[], partitions: number): readonly number[] {
  const sorted = [...members].sort((a, b) => (a < b ? -1 : 1))
  const index = sorted.indexOf(id)
  if (index === -1) return []
  const each = Math.floor(partitions / sorted.length)
  const extra = partitions % sorted.length
  const first = index * each + Math.min(index, extra)
  return Array.from({ length: each + (index < extra ? 1 : 0) }, (_, n) => first + n)
}

/** The non-empty subsets of at most `size`. */
function* subsets(ids: readonly string[], size: number): Iterable<readonly string[]> {
  if (size < 1) return
  for (const [index, id] of ids.entries()) {
    yield [id]
    for (const more of subsets(ids.slice(index + 1), size - 1)) yield [id, ...more]
  }
}
