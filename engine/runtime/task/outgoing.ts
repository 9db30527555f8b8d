import type { OutgoingRecord } from '#engine/broker'
import type { OutputRecord } from '#engine/compile'
import { type Deployment, names } from '../deployment.ts'

/** Where a stage's output goes. Late and dead letters keep the task's partition number; results go where their key says. */
export function outgoing(
  of: Deployment,
  next: string | undefined,
  partition: number,
  output: OutputRecord,
): OutgoingRecord {
  const { key, value } = output
  const placed = output.partition === undefined ? {} : { partition: output.partition }
  const headers = output.headers === undefined ? {} : { headers: output.headers }
  switch (output.channel) {
    case 'result':
      return { topic: names.result(of, output.topic), key, value, ...placed, ...headers }
    case 'late':
      return { topic: names.late(of), key, value, partition, ...headers }
    case 'dead-letter':
      return { topic: names.deadLetter(of), key, value, partition, ...headers }
    case 'repartition':
      return { topic: names.repartition(of, next ?? ''), key, value, ...placed, ...headers }
  }
}
