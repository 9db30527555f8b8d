import { ByteReader } from './bytes.ts'

/**
 * Entries that were restored and not looked at since: each is a number, and its bytes stay as the changelog had them. Of a
 * million restored entries most are read once, when their window closes, or never; so taking over a task makes none of
 * them, and the garbage collector has nothing to move.
 */
export class Packed {
  #blocks: Buffer[] = []
  /** By number: which block, and where in it. */
  #block: number[] = []
  #start: number[] = []
  #end: number[] = []
  #live = 0

  /** Bytes held in vain are many more than those in use: unpack what is left. */
  get wasteful(): boolean {
    return this.#start.length > 10_000 + 4 * this.#live
  }

  /** The number of an entry at `[start, end)` of the block that is held next. */
  add(start: number, end: number): number {
    this.#live++
    this.#block.push(this.#blocks.length)
    this.#start.push(start)
    return this.#end.push(end) - 1
  }

  /** The block in which whatever was added since the last one lies. */
  hold(block: Buffer): void {
    this.#blocks.push(block)
  }

  /** Reads an entry. */
  read(number: number): ByteReader {
    return new ByteReader(this.#blockOf(number), this.#start[number], this.#end[number])
  }

  /** Its bytes: a block, and where in it. */
  bytes(number: number): { readonly block: Buffer; readonly start: number; readonly end: number } {
    return {
      block: this.#blockOf(number),
      start: this.#start[number] as number,
      end: this.#end[number] as number,
    }
  }

  #blockOf(number: number): Buffer {
    return this.#blocks[this.#block[number] as number] as Buffer
  }

  /** An entry was read for good, is gone, or another one stands in its place. */
  drop(): void {
    this.#live--
  }

  /** Lets go of bytes that nothing is in any more. Not while a block is being added. */
  settle(): void {
    if (this.#live === 0 && this.#blocks.length > 0) this.clear()
  }

  clear(): void {
    this.#blocks = []
    this.#block = []
    this.#start = []
    this.#end = []
    this.#live = 0
  }
}
