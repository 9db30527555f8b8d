/** Takes things in any order and gives them back by `at`; things of one moment in the order in which they came (a binary heap). */
export class Queue<T> {
  private readonly heap: { readonly at: number; readonly turn: number; readonly item: T }[] = []
  private turns = 0

  get size(): number {
    return this.heap.length
  }

  add(at: number, item: T): void {
    const { heap } = this
    heap.push({ at, turn: this.turns++, item })
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.swapIfBefore(child, parent)) break
      child = parent
    }
  }

  /** The things due at or before `until`, first things first. */
  *take(until: number): Generator<T> {
    for (let first = this.heap[0]; first !== undefined && first.at <= until; first = this.heap[0]) {
      this.removeFirst()
      yield first.item
    }
  }

  private removeFirst(): void {
    const { heap } = this
    const last = heap.pop()
    if (!last || heap.length === 0) return
    heap[0] = last
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      const child = this.before(left + 1, left) ? left + 1 : left
      if (!this.swapIfBefore(child, parent)) return
      parent = child
    }
  }

  private before(a: number, b: number): boolean {
    const [one, other] = [this.heap[a], this.heap[b]]
    if (!one || !other) return false
    return one.at < other.at || (one.at === other.at && one.turn < other.turn)
  }

  private swapIfBefore(a: number, b: number): boolean {
    if (!this.before(a, b)) return false
    const [one, other] = [this.heap[a], this.heap[b]]
    if (one && other) [this.heap[a], this.heap[b]] = [other, one]
    return true
  }
}
