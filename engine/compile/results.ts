import type { AnyTopic } from '#engine/schema'
import type { MapStep, Row } from '#engine/topology'
import type { OutputRecord } from './contract.ts'
import { mapping } from './steps.ts'

type Maker = (row: Row) => OutputRecord

/** Makes result records of rows: what `to(topic)` compiles to. Throws where a row does not fit its topic. */
export function resultsOf(topic: AnyTopic, schemaId: number, finish: readonly MapStep[]): Maker {
  const last = finishing(topic, finish)
  return (row) => {
    const made = last(row)
    return {
      channel: 'result',
      topic: topic.name,
      key: Buffer.from(topic.keyOf(made)),
      value: topic.frame(schemaId, made),
    }
  }
}

/** Makes records that take rows back: the key of the row, and no value. */
export function retractionsOf(topic: AnyTopic, finish: readonly MapStep[]): Maker {
  const last = finishing(topic, finish)
  return (row) => ({ channel: 'result', topic: topic.name, key: Buffer.from(topic.keyOf(last(row))), value: null })
}

/** Steps over the operator's rows, each making only what the next one, or the topic, has. */
function finishing(topic: AnyTopic, finish: readonly MapStep[]): (row: Row) => Row {
  const maps = finish.map((step, n) => {
    const next = finish[n + 1]
    const wanted = next ? [...next.fields, ...next.keep] : topic.contract.fields.map(({ name }) => name)
    return mapping(step, new Set(wanted))
  })
  return (row) => {
    let last = row
    for (let n = 0; n < maps.length; n++) last = (maps[n] as (row: Row) => Row)(last)
    return last
  }
}
