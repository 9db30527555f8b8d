type Level<T> = Map<unknown, Level<T> | T>

/** Things by the values of a key, reached by nested maps: no key text is built per event. */
export class KeyTree<T> {
  #root: Level<T> = new Map()
  size = 0

  /** The thing of a row's key fields. */
  at(row: Readonly<Record<string, unknown>>, fields: readonly string[]): T | undefined {
    const last = fields.length - 1
    let level: Level<T> | undefined = this.#root
    for (let i = 0; i < last; i++) {
      level = level.get(row[fields[i] as string]) as Level<T> | undefined
      if (level === undefined) return undefined
    }
    return level.get(row[fields[last] as string]) as T | undefined
  }

  get(key: readonly unknown[]): T | undefined {
    const last = key.length - 1
    let level: Level<T> | undefined = this.#root
    for (let i = 0; i < last; i++) {
      level = level.get(key[i]) as Level<T> | undefined
      if (level === undefined) return undefined
    }
    return level.get(key[last]) as T | undefined
  }

  /** Puts a thing where there is none yet. */
  add(key: readonly unknown[], thing: T): void {
    const last = key.length - 1
    let level = this.#root
    for (let i = 0; i < last; i++) {
      let below = level.get(key[i]) as Level<T> | undefined
      if (below === undefined) {
        below = new Map()
        level.set(key[i], below)
      }
      level = below
    }
    level.set(key[last], thing)
    this.size++
  }

  /** Takes a thing out, and the maps that led to it alone. */
  remove(key: readonly unknown[]): void {
    if (removed(this.#root, key, 0)) this.size--
  }

  *values(): Iterable<T> {
    yield* leaves(this.#root, this.#depth())
  }

  #depth(): number {
    let depth = 0
    for (let one: unknown = this.#root; one instanceof Map; one = one.values().next().value) depth++
    return depth
  }

  clear(): void {
    this.#root = new Map()
    this.size = 0
  }
}

function removed<T>(level: Level<T>, key: readonly unknown[], at: number): boolean {
  if (at === key.length - 1) return level.delete(key[at])
  const below = level.get(key[at]) as Level<T> | undefined
  if (below === undefined || !removed(below, key, at + 1)) return false
  if (below.size === 0) level.delete(key[at])
  return true
}

function* leaves<T>(level: Level<T>, depth: number): Iterable<T> {
  if (depth === 1) yield* level.values() as Iterable<T>
  else for (const below of level.values()) yield* leaves(below as Level<T>, depth - 1)
}
