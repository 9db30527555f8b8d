import type { DiskKeyedStore, StatePart } from '#engine/state'
import type { Row } from '#engine/topology'
import type { At } from './at.ts'
import type { OutputRecord } from './contract.ts'
import type { Lateness } from './outputs.ts'

/** What stands behind the steps of a stage: windows, typed state, or nothing but the destination. */
export interface Operator {
  /** Parts of the state it keeps in the changelog. */
  readonly parts: readonly StatePart[]
  /** The stream time from which on `moved` has something to do. */
  readonly nextTime: number
  /** Takes a row. May throw, and then has changed nothing. */
  take(row: Row, at: At): void
  /** Stream time has come to `streamTime`: closes windows, fires timers. */
  moved(streamTime: number): void
  /** The stream time at which everything that `time` belongs to is closed. */
  settledAt(time: number): number
  /** After blocks were restored: drops what is closed at `streamTime`. */
  restored(streamTime: number): void
  /** The part of `parts` that is on disk, if one is. */
  readonly onDisk?: DiskKeyedStore | undefined
  /** What is held as rows, of one key where its text is given; absent where nothing reads as rows. */
  inspect?(key?: string): Iterable<Row>
  /** What goes to the next stage, for the drain. */
  drain(streamTime: number, out: OutputRecord[]): void
}

/** What an operator tells its stage. */
export interface Host {
  /** Where the operator's time stands: the stage's, or (behind a step that holds rows back) the time of the row let go. */
  readonly streamTime: number
  out(record: OutputRecord): void
  late(at: At, lateness: Lateness): void
  /** Something threw that no record is to blame for; counts as a throw. */
  threw(record: OutputRecord): void
}
