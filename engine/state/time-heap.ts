interface Slot<T> {
  readonly time: number
  readonly text: string
  readonly item: T
}

/** A binary heap ordered by (time, key text). */
export class TimeHeap<T> {
  readonly #slots: Slot<T>[] = []

  get head(): Slot<T> | undefined {
    return this.#slots[0]
  }

  push(time: number, text: string, item: T): void {
    const slots = this.#slots
    const slot: Slot<T> = { time, text, item }
    let at = slots.length
    slots.push(slot)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      const above = slots[parent] as Slot<T>
      if (!before(slot, above)) break
      slots[at] = above
      at = parent
    }
    slots[at] = slot
  }

  pop(): void {
    const slots = this.#slots
    const last = slots.pop()
    if (last === undefined || slots.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= slots.length) break
      const right = slots[child + 1]
      if (right !== undefined && before(right, slots[child] as Slot<T>)) child++
      const least = slots[child] as Slot<T>
      if (!before(least, last)) break
      slots[at] = least
      at = child
    }
    slots[at] = last
  }

  clear(): void {
    this.#slots.length = 0
  }
}

const before = (a: Slot<unknown>, b: Slot<unknown>): boolean =>
  a.time < b.time || (a.time === b.time && a.text < b.text)
