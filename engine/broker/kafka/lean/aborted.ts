import type { Batch } from './batch.ts'
import type { AbortedTransaction } from './fetch.ts'
import { controlKind } from './records.ts'

/**
 * Tells the batches of one partition's fetch that a read-committed reader hands over from those it passes (KIP-98). The
 * broker names the aborted transactions that touch the fetched range, in any order and several of one producer. They wait
 * in a heap by first offset; before a batch is judged, all that begin at or before its last offset are taken at once: from
 * then on the producer's batches are passed, until its abort marker. Batches must be asked about in order, each once.
 */
export class AbortedFilter {
  readonly #waiting: AbortedTransaction[] = []
  readonly #aborting = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    for (const one of aborted) this.#add(one)
  }

  /** True where the batch holds records that are committed, or never were in a transaction. Throws BrokenBatch. */
  admits(batch: Batch): boolean {
    for (let first = this.#waiting[0]; first && first.firstOffset <= batch.lastOffset; first = this.#waiting[0]) {
      this.#aborting.add(first.producerId)
      this.#removeFirst()
    }
    if (batch.control) {
      if (controlKind(batch) === 'abort') this.#aborting.delete(batch.producerId)
      return false
    }
    return !(batch.transactional && this.#aborting.has(batch.producerId))
  }

  #add(one: AbortedTransaction): void {
    const heap = this.#waiting
    let at = heap.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as AbortedTransaction
      if (parent.firstOffset <= one.firstOffset) break
      heap[at] = parent
      at = above
    }
    heap[at] = one
  }

  #removeFirst(): void {
    const heap = this.#waiting
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      const right = heap[below + 1]
      if (right && right.firstOffset < (heap[below] as AbortedTransaction).firstOffset) below++
      const child = heap[below] as AbortedTransaction
      if (child.firstOffset >= last.firstOffset) break
      heap[at] = child
      at = below
    }
    heap[at] = last
  }
}
