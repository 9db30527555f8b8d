import { jsonOf } from '#engine/ingest'
import type { WorldEvent } from './event.ts'

/** One event as a line of JSON: topic and value, decimals as exact text, personal fields in the clear. */
export const lineOf = ({ topic, value }: WorldEvent): string =>
  `{"topic":"${topic.name}","value":${jsonOf(topic, value)}}\n`
