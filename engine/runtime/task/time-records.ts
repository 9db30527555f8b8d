import type { Broker, OutgoingRecord } from '#engine/broker'
import type { Advance } from '#engine/compile'
import { readAll } from '../changelog/read-all.ts'

/** A slice of a task with several inputs: the records of input `i` below `ends[i]` were merged with the others'. */
export interface RecordedSlice {
  readonly kind: 'slice'
  readonly ends: readonly number[]
}

export interface RecordedAdvance extends Advance {
  readonly kind: 'advance'
}

/** What a task decided that its inputs alone do not determine; a replay decides the same. */
export type Recorded = RecordedSlice | RecordedAdvance

/** Per stage name and partition, in the order decided. */
export type RecordedTime = ReadonlyMap<string, ReadonlyMap<number, readonly Recorded[]>>

export const timeRecord = (topic: string, partition: number, stage: string, recorded: Recorded): OutgoingRecord => ({
  topic,
  partition,
  key: Buffer.from(stage),
  value: Buffer.from(JSON.stringify(recorded)),
})

/** Everything a generation recorded, from its `.time` topic; empty where it never ran. */
export async function readRecordedTime(broker: Broker, topic: string): Promise<RecordedTime> {
  const stages = new Map<string, Map<number, Recorded[]>>()
  const count = (await broker.admin.topics()).get(topic) ?? 0
  for (let partition = 0; partition < count; partition++) {
    await readAll(broker, { topic, partition }, ({ key, value }) => {
      if (key === null || value === null) return
      const stage = key.toString()
      const ofStage = stages.get(stage) ?? new Map<number, Recorded[]>()
      stages.set(stage, ofStage)
      const list = ofStage.get(partition) ?? []
      ofStage.set(partition, list)
      list.push(JSON.parse(value.toString()) as Recorded)
    })
  }
  return stages
}
