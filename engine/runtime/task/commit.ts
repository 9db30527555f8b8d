import type { OutgoingRecord, Position, TransactionalProducer } from '#engine/broker'
import type { AtStep } from '../faults.ts'

/** What one commit writes. The parts are asked for when their step comes. */
export interface CommitParts {
  readonly task: string
  readonly producer: TransactionalProducer
  results(): Iterable<OutgoingRecord>
  changes(): Iterable<OutgoingRecord>
  readonly positions: readonly Position[]
  /** For lag tools; its failure changes nothing, because the changelog holds the truth. */
  report(positions: readonly Position[]): Promise<void>
  readonly atStep: AtStep | undefined
}

/**
 * One commit: everything that a task decided since the last one becomes visible at once, or never. Throws FENCED where
 * another owner took over, ABORTED where the transaction did not or may not have committed: the task must then be
 * discarded with its state, and taken over again.
 */
export async function commit(parts: CommitParts): Promise<void> {
  const { producer, task, atStep } = parts
  // 1 stop taking input: the task's loop awaits this call, so nothing is taken until it returns
  await atStep?.('commit', 1, task)
  await producer.begin()

  // 2 produce results, late, dead letters, time records, partial aggregates with their watermarks
  await atStep?.('commit', 2, task)
  await sendAll(producer, parts.results())

  // 3 produce state deltas and positions to the changelog
  await atStep?.('commit', 3, task)
  await sendAll(producer, parts.changes())

  // 4 commit the transaction
  await atStep?.('commit', 4, task)
  await producer.commit()

  // 5 report positions to the group
  await atStep?.('commit', 5, task)
  void parts.report(parts.positions).catch(() => {})
}

async function sendAll(producer: TransactionalProducer, records: Iterable<OutgoingRecord>): Promise<void> {
  for (const record of records) {
    const full = producer.send(record)
    if (full) await full
  }
}
