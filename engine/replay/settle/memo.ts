import type { Broker, OutgoingRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type Deployment, readAll } from '#engine/runtime'
import type { Plan } from '#engine/topology'

/** What was settled of a processor, written in the transaction of its corrections. */
export interface Memo {
  readonly processor: string
  /** In force then: another one's rows are other rows. */
  readonly generation: number
  /** Of the code. */
  readonly version: string
  /** Ends of the late topics that were read, by topic and partition. */
  readonly late: Readonly<Record<string, readonly number[]>>
  /** Starts of windows with late events that could not be settled yet. */
  readonly waiting: readonly number[]
}

/** One partition, so that its order is that of settling; the last record of each processor counts. */
export const settlementsTopic = {
  name: 'kappa.settlements.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': '3600000' },
} as const

/** What was settled last; undefined where nothing ever was. */
export async function lastMemo(broker: Broker, processor: string): Promise<Memo | undefined> {
  const { name } = settlementsTopic
  if (!(await broker.admin.topics()).has(name)) return undefined
  let found: Memo | undefined
  const take = ({ key, value, offset }: { key: Buffer | null; value: Buffer | null; offset: number }): void => {
    if (key?.toString() !== processor || value === null) return
    try {
      found = JSON.parse(value.toString()) as Memo
    } catch (cause) {
      throw new KappaError('STATE_MISMATCH', `reading ${name}[0]@${offset}`, { cause })
    }
  }
  await readAll(broker, { topic: name, partition: 0 }, take, 'settled')
  return found
}

/** Rows of another generation are other rows, and other code makes others: then everything is looked at again. */
export const fitting = (memo: Memo | undefined, { version }: Plan, { generation }: Deployment): Memo | undefined =>
  memo?.version === version && memo.generation === generation ? memo : undefined

export const memoRecord = (memo: Memo): OutgoingRecord => ({
  topic: settlementsTopic.name,
  partition: 0,
  key: Buffer.from(memo.processor),
  value: Buffer.from(JSON.stringify(memo)),
})
