import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Row } from '#engine/topology'
import { type At, inputOf } from '../at.ts'

/** What is kept of a row: the columns that something behind reads. Throws DECODE_FAILED where state cannot hold one. */
export function valuesOf(row: Row, columns: readonly string[]): unknown[] {
  const values: unknown[] = new Array(columns.length)
  for (let n = 0; n < columns.length; n++) {
    const value = row[columns[n] as string]
    if (!plain(value))
      throw new KappaError(
        'DECODE_FAILED',
        `keeping '${columns[n]}' for a join: it is neither a field's value nor a list`,
      )
    values[n] = value
  }
  return values
}

const plain = (value: unknown): boolean =>
  typeof value !== 'object' || value === null
    ? typeof value !== 'function' && typeof value !== 'symbol'
    : value instanceof Uint8Array || (Array.isArray(value) && value.every(plain))

/** Where a kept event stood. Its bytes are not kept: what becomes of it aside names its position alone. */
export function placeOf(
  event: { readonly time: number; readonly source: number; readonly offset: number },
  topics: readonly string[],
  partition: number,
): At {
  const { time, source, offset } = event
  const record: KafkaRecord = {
    topic: topics[inputOf(source)] ?? '',
    partition,
    offset,
    timestamp: time,
    key: null,
    value: null,
    headers: undefined,
  }
  return { record, time, source, offset }
}
