import type { StatePart } from '#engine/state'
import type { Row } from '#engine/topology'
import type { OutputRecord } from './contract.ts'
import type { Host, Operator } from './operator.ts'

/** No operator: each row goes to the destination as it comes. */
export class DirectOperator implements Operator {
  readonly parts: readonly StatePart[] = []
  readonly nextTime = Number.POSITIVE_INFINITY
  readonly #result: (row: Row) => OutputRecord
  readonly #host: Host

  constructor(result: (row: Row) => OutputRecord, host: Host) {
    this.#result = result
    this.#host = host
  }

  take(row: Row): void {
    this.#host.out(this.#result(row))
  }

  moved(): void {
    // Nothing waits for time.
  }

  settledAt(time: number): number {
    return time
  }

  restored(): void {
    // Nothing is kept.
  }

  drain(): void {
    // Rows are handed out as they come.
  }
}
