import type { AnyTopic } from '#engine/schema'

/** The rows that a replay is about: event time `[from, to)`, milliseconds, and of one key where one is named. */
export interface ReplayedRange {
  readonly from: number
  readonly to: number
  /** A field of the identity, and its value as text. */
  readonly key?: { readonly field: string; readonly value: string }
}

/** The condition that a row of a table is one of these; its parameters are `paramsOf`. */
export function within({ contract }: AnyTopic, { key }: ReplayedRange): string {
  const time = `toUnixTimestamp64Milli(\`${contract.topic.time}\`)`
  const range = `${time} >= {from:Int64} AND ${time} < {to:Int64}`
  return key === undefined ? `(${range})` : `(${range} AND ifNull(toString(\`${key.field}\`), '\\\\N') = {key:String})`
}

export const paramsOf = ({ from, to, key }: ReplayedRange): Record<string, string | number> =>
  key === undefined ? { from, to } : { from, to, key: key.value }
