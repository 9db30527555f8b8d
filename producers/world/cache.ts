/** Keeps the last `most` values that were asked for, made when first asked for: forgetting one costs time, nothing else. */
export class Cache<V> {
  private readonly kept = new Map<number, V>()
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  get(key: number, make: () => V): V {
    const known = this.kept.get(key)
    if (known !== undefined) return known
    const value = make()
    this.kept.set(key, value)
    if (this.kept.size > this.most) {
      const [oldest] = this.kept.keys()
      if (oldest !== undefined) this.kept.delete(oldest)
    }
    return value
  }
}
