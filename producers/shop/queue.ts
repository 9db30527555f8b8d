/** Takes things in any order and gives them back by `at`; things of one moment in the order in which they came (a binary heap). */
export class Queue<T> {
  private readonly heap: { readonly at: number; readonly turn: number; readonly item: T }[] = []
  private turns = 0

  get size(): number {
    return this.heap.length
  }

  /** When the first thing is due; `Infinity` where there is none. */
  get nextAt(): number {
    return this.heap[0]?.at ?? Number.POSITIVE_INFINITY
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
    while (this.nextAt <= until && this.heap.length > 0) yield this.first()
  }

  private first(): T {
    const { heap } = this
    const [top] = heap as [{ item: T }]
    const last = heap.pop()
    if (last && heap.length > 0) {
      heap[0] = last
      for (let parent = 0; ; ) {
        const left = 2 * parent + 1
        const right = left + 1
        const child = right < heap.length && this.before(right, left) ? right : left
        if (child >= heap.length || !this.swapIfBefore(child, parent)) break
        parent = child
      }
    }
    return top.item
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
