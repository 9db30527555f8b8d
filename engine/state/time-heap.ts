/**
 * A binary heap ordered by (time, key text). Three lists rather than a list of slots: nothing is allocated for what is
 * pushed, and the times stay numbers.
 */
export class TimeHeap<T> {
  readonly #times: number[] = []
  readonly #texts: string[] = []
  readonly #items: T[] = []

  /** The least time; Infinity where the heap is empty. */
  get time(): number {
    return this.#times.length === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number)
  }

  /** The text that the least time is pushed with. */
  get text(): string {
    return this.#texts[0] as string
  }

  /** What has the least time; undefined where the heap is empty. */
  get item(): T | undefined {
    return this.#items[0]
  }

  push(time: number, text: string, item: T): void {
    const times = this.#times
    const texts = this.#texts
    const items = this.#items
    let at = times.length
    times.push(time)
    texts.push(text)
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      const above = times[parent] as number
      if (time > above || (time === above && text >= (texts[parent] as string))) break
      times[at] = above
      texts[at] = texts[parent] as string
      items[at] = items[parent] as T
      at = parent
    }
    times[at] = time
    texts[at] = text
    items[at] = item
  }

  pop(): void {
    const times = this.#times
    const texts = this.#texts
    const items = this.#items
    const time = times.pop()
    const text = texts.pop() as string
    const item = items.pop() as T
    if (time === undefined || times.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= times.length) break
      if (child + 1 < times.length && this.#before(child + 1, child)) child++
      const least = times[child] as number
      if (least > time || (least === time && (texts[child] as string) >= text)) break
      times[at] = least
      texts[at] = texts[child] as string
      items[at] = items[child] as T
      at = child
    }
    times[at] = time
    texts[at] = text
    items[at] = item
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#times[one] as number, this.#times[other] as number]
    return a < b || (a === b && (this.#texts[one] as string) < (this.#texts[other] as string))
  }

  clear(): void {
    this.#times.length = 0
    this.#texts.length = 0
    this.#items.length = 0
  }
}
