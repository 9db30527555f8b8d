/** Bytes of a snapshot that one commit carries at least, so that a large state does not hold up the results of a commit. */
const BYTES_PER_COMMIT = 1_000_000

/**
 * A snapshot spread over commits: the blocks of a state that is too large for one, beside the deltas of each commit. When
 * the last block is committed, everything before its first commit may be truncated.
 */
export class Sweep {
  /** The changelog's end before the first commit of the sweep. */
  readonly from: number
  readonly #blocks: Iterator<Buffer>
  #done = false

  constructor(from: number, blocks: Iterable<Buffer>) {
    this.from = from
    this.#blocks = blocks[Symbol.iterator]()
  }

  get done(): boolean {
    return this.#done
  }

  /** The blocks of one commit. */
  *next(): Iterable<Buffer> {
    for (let bytes = 0; bytes < BYTES_PER_COMMIT; ) {
      const { value, done } = this.#blocks.next()
      this.#done = done === true
      if (done) return
      bytes += value.length
      yield value
    }
  }
}
