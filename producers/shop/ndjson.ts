import { jsonOf } from '#engine/ingest'
import type { Sent } from './mishaps.ts'

/** One event as a line of JSON: topic and value, decimals as exact text, personal fields in the clear. */
export const lineOf = ({ topic, value }: Sent): string => `{"topic":"${topic.name}","value":${jsonOf(topic, value)}}\n`
