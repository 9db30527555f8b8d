import type { AnyTopic } from '#engine/schema'
import type { MapStep, Row } from '#engine/topology'
import type { OutputRecord } from './contract.ts'
import { mapping } from './steps.ts'

/** Makes result records of rows: what `to(topic)` compiles to. Throws where a row does not fit its topic. */
export function resultsOf(topic: AnyTopic, schemaId: number, finish: readonly MapStep[]): (row: Row) => OutputRecord {
  const maps = finish.map((step) => mapping(step.make, step.keep))
  return (row) => {
    let last = row
    for (let n = 0; n < maps.length; n++) last = (maps[n] as (row: Row) => Row)(last)
    return {
      channel: 'result',
      topic: topic.name,
      key: Buffer.from(topic.keyOf(last)),
      value: topic.frame(schemaId, last),
    }
  }
}
