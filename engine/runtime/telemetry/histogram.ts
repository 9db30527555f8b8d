/** Upper bounds of the buckets, milliseconds; the last one is open. */
const BOUNDS_MS = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

export interface HistogramView {
  /** Upper bound in seconds (the last is Infinity) and how many observations were at most that. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[]
  readonly sumSeconds: number
  readonly count: number
}

/** Counts durations in buckets, as Prometheus' histograms do. */
export class Histogram {
  readonly #counts = new Array<number>(BOUNDS_MS.length + 1).fill(0)
  #sumMs = 0

  observe(milliseconds: number): void {
    const index = BOUNDS_MS.findIndex((bound) => milliseconds <= bound)
    const at = index === -1 ? BOUNDS_MS.length : index
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#sumMs += milliseconds
  }

  view(): HistogramView {
    let count = 0
    const buckets = this.#counts.map((own, index) => {
      count += own
      return { le: (BOUNDS_MS[index] ?? Number.POSITIVE_INFINITY) / 1_000, count }
    })
    return { buckets, sumSeconds: this.#sumMs / 1_000, count }
  }
}
