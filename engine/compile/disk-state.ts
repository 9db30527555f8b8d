import type { Blocks, DiskKeyedStore, StatePart } from '#engine/state'
import type { DiskState } from './contract.ts'

/** Bytes that say how long the header's block is, in front of it and of the runtime's own mark. */
const LENGTH_BYTES = 4

/**
 * A stage's state where one part is on disk and the others fit into one small block: that block is kept in the part's mark,
 * so all are of one commit.
 */
export function diskStateOf(blocks: Blocks, header: StatePart, part: DiskKeyedStore): DiskState {
  const headerBlock = (): Buffer =>
    blocks.blockOf(header, (writer) => {
      header.writeAll(
        () => writer,
        () => {},
      )
    })
  return {
    resume() {
      const stored = part.mark
      if (!stored) return undefined
      const length = stored.readUInt32LE()
      blocks.restore(stored.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
      return stored.subarray(LENGTH_BYTES + length)
    },
    persist(mark) {
      const block = headerBlock()
      const length = Buffer.alloc(LENGTH_BYTES)
      length.writeUInt32LE(block.length)
      part.persist(Buffer.concat([length, block, mark]))
    },
    forget: () => blocks.clear(),
    *sweep() {
      yield headerBlock()
      let block: Buffer | undefined
      // The part says when it writes; what it writes goes into one block of its own.
      const blocksOfPart = part.sweep((write) => {
        block = blocks.blockOf(part, write)
      })
      for (const _ of blocksOfPart) if (block) yield block
    },
    close: () => part.close(),
  }
}
