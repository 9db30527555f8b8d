import { KappaError } from '#engine/errors'
import type { ObjectStore } from './object-store.ts'

/** One part of what a topic's silver is: rows of a source's prefix, and (where set) only those of an event-time range. */
export interface SilverPart {
  /** `silver/<source>/` */
  readonly prefix: string
  /** Milliseconds, `[from, to)`; absent: all that no other part covers. */
  readonly range?: { readonly from: number; readonly to: number }
}

/** What readers of silver take for a topic, whichever generations it is made of. */
export interface CurrentSilver {
  readonly generation: number
  readonly parts: readonly SilverPart[]
}

const keyOf = (topic: string): string => `silver/${topic}/current.json`

/** Points readers at a generation: one object, written in one piece, so a reader sees the old one or the new one. */
export const setCurrent = (store: ObjectStore, topic: string, current: CurrentSilver): Promise<void> =>
  store.put(keyOf(topic), Buffer.from(`${JSON.stringify(current, null, 2)}\n`), 'application/json')

/** Without a promotion: generation 1, everything under the topic's own prefix. */
export async function currentOf(store: ObjectStore, topic: string): Promise<CurrentSilver> {
  const text = await store.get(keyOf(topic))
  if (text === undefined) return { generation: 1, parts: [{ prefix: `silver/${topic}/` }] }
  try {
    return JSON.parse(text.toString('utf8')) as CurrentSilver
  } catch (cause) {
    throw new KappaError('STORE', `reading ${keyOf(topic)}`, { cause })
  }
}
