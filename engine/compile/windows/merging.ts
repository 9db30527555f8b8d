import type { ByteReader, StatePart } from '#engine/state'
import type { Row } from '#engine/topology'

/** One kind of window behind a re-key: merges what the source partitions ship. Nothing is late here. */
export interface Merging {
  readonly parts: readonly StatePart[]
  /** Takes one row of a partial aggregate that `source` shipped. */
  takePartial(source: number, reader: ByteReader): void
  /** The least stream time of all sources has come to `streamTime`: closes windows. */
  moved(streamTime: number): void
  /** What is held as rows, of one key where its text is given; absent where nothing reads as rows. */
  inspect?(key?: string): Iterable<Row>
  /** After a block was restored: drops what is closed at `streamTime`. */
  restored(streamTime: number): void
}
