/**
 * The event time that several sources have reached together: the least of theirs. A source that is idle holds nobody up;
 * one that speaks again counts once it has caught up, so the merged time never goes back. When the last active source
 * goes idle, what the others had reached is reached. (The rules of Flink's watermark alignment; FLIP-27, watermark status.)
 *
 * In a running task no source is ever idle here: an idle input's time is moved by a recorded advance, so that a replay
 * agrees.
 */
export class Watermarks {
  readonly #times: number[]
  readonly #idle: boolean[]
  /** Counted in the least: active, and not behind what was reached without it. */
  readonly #aligned: boolean[]
  reached = Number.NEGATIVE_INFINITY

  constructor(sources: number) {
    this.#times = new Array(sources).fill(Number.NEGATIVE_INFINITY)
    this.#idle = new Array(sources).fill(false)
    this.#aligned = new Array(sources).fill(true)
  }

  get times(): readonly number[] {
    return this.#times
  }

  /** True where nobody speaks. */
  get allIdle(): boolean {
    return this.#idle.every(Boolean)
  }

  /** A source's time has come to `time`. True where that is news of the source: idle ones are not listened to. */
  advance(source: number, time: number): boolean {
    if (this.#idle[source] || time <= (this.#times[source] ?? Number.POSITIVE_INFINITY)) return false
    this.#times[source] = time
    if (time >= this.reached) this.#aligned[source] = true
    this.#reach(this.#leastAligned())
    return true
  }

  /** A source stays silent from now on. */
  idle(source: number): void {
    if (this.#idle[source]) return
    this.#idle[source] = true
    this.#aligned[source] = false
    const held = this.#times[source] === this.reached
    if (!held) return
    this.#reach(this.allIdle ? Math.max(...this.#times) : this.#leastAligned())
  }

  /** A source speaks again. */
  active(source: number): void {
    if (!this.#idle[source]) return
    this.#idle[source] = false
    this.#aligned[source] = (this.#times[source] ?? Number.NEGATIVE_INFINITY) >= this.reached
  }

  #leastAligned(): number {
    let least = Number.POSITIVE_INFINITY
    for (let n = 0; n < this.#times.length; n++) if (this.#aligned[n]) least = Math.min(least, this.#times[n] as number)
    return least === Number.POSITIVE_INFINITY ? this.reached : least
  }

  #reach(time: number): void {
    if (time > this.reached) this.reached = time
  }

  /** Restored state: all sources are active. */
  restore(times: readonly number[]): void {
    this.clear()
    for (let n = 0; n < times.length; n++) this.#times[n] = times[n] as number
    this.#reach(this.#leastAligned())
  }

  clear(): void {
    this.#times.fill(Number.NEGATIVE_INFINITY)
    this.#idle.fill(false)
    this.#aligned.fill(true)
    this.reached = Number.NEGATIVE_INFINITY
  }
}
