import type { EmitMode, Row } from '#engine/topology'
import type { OutputRecord } from '../contract.ts'
import type { Host } from '../operator.ts'
import { deadRow } from '../outputs.ts'

/** Where the rows of windows go: to the destination. */
export interface WindowTarget {
  readonly emit: EmitMode
  readonly result: (row: Row) => OutputRecord
  /** Takes back the row of an identity that is no more: its key, and no value. */
  readonly retraction: (row: Row) => OutputRecord
}

/** Emits a row; one that does not fit its topic, or that a function behind the operator refuses, is dead-lettered. */
export function emitRow(host: Host, target: WindowTarget, row: Row): void {
  try {
    host.out(target.result(row))
  } catch (thrown) {
    host.threw(deadRow(row, 'emit', thrown))
  }
}

/** Takes a row back that was emitted. One that could not be emitted is not there to take back. */
export function retractRow(host: Host, target: WindowTarget, row: Row): void {
  let record: OutputRecord
  try {
    record = target.retraction(row)
  } catch {
    return
  }
  host.out(record)
}
