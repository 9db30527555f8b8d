import { KappaError } from '#engine/errors'
import { headKey, headPrefix } from '../layout.ts'
import type { BronzeObject, SilverObject } from '../manifest.ts'
import type { ObjectStore } from '../object-store.ts'

/** A cut without what only its own manifest says. */
export interface FoldedCut {
  readonly generation: number
  readonly lane: number
  readonly number: number
  readonly decidedAt: number
  readonly bronze: readonly BronzeObject[]
}

/** An object of folded cuts (`FoldedCut[]`, JSON, gzip). */
export interface CutPart {
  readonly object: string
  readonly cuts: number
  readonly ranges: number
  /** When its first and last cut were decided, milliseconds. */
  readonly oldest: number
  readonly newest: number
}

/** A silver object, of one cut or of several merged. */
export interface SilverFile extends SilverObject {
  readonly generation: number
  /** When the first and the last cut in it were decided, milliseconds: retention counts from there. */
  readonly oldest: number
  readonly newest: number
}

/** Rows, and the sum of their `_hash` modulo 2^64 as decimal text. */
export interface Sum {
  readonly rows: number
  readonly hashSum: string
}

/**
 * What a topic is in S3 up to certain cuts: everything that their manifests said, and what compaction and retention made
 * of it since. Heads are written once and never changed; the highest number counts, so a head becomes visible whole.
 */
export interface Head {
  readonly topic: string
  readonly number: number
  /** The last cut told of here, by `<generation>/<lane>`; later ones have their manifests. */
  readonly folded: Readonly<Record<string, number>>
  readonly parts: readonly CutPart[]
  readonly silver: readonly SilverFile[]
  /** What retention took away since the beginning, by generation. */
  readonly expired: Readonly<Record<string, { readonly bronze: Sum; readonly silver: Sum }>>
  /** Objects that no reader of this head needs, and when that began: deleted once readers of earlier heads are done. */
  readonly dropped: readonly { readonly object: string; readonly since: number }[]
}

export const laneName = ({ generation, lane }: { readonly generation: number; readonly lane: number }): string =>
  `${generation}/${lane}`

const emptyHead = (topic: string): Head => ({
  topic,
  number: 0,
  folded: {},
  parts: [],
  silver: [],
  expired: {},
  dropped: [],
})

/** The head that counts; number 0 where there is none yet. */
export async function readHead(store: ObjectStore, topic: string): Promise<Head> {
  const key = (await store.list(headPrefix(topic))).at(-1)?.key
  if (key === undefined) return emptyHead(topic)
  const text = await store.get(key)
  if (text === undefined)
    throw new KappaError('STORE', `reading ${key}: it was listed and is gone`, { retriable: true })
  try {
    return JSON.parse(text.toString('utf8')) as Head
  } catch (cause) {
    throw new KappaError('STORE', `reading ${key}: not the head of an index`, { cause })
  }
}

/** Makes a head count. Throws BLOCKED where another job wrote the one of this number. */
export async function writeHead(store: ObjectStore, head: Head): Promise<void> {
  const key = headKey(head.topic, head.number)
  const text = Buffer.from(`${JSON.stringify(head)}\n`)
  if (!(await store.putNew(key, text, 'application/json')))
    throw new KappaError('BLOCKED', `writing ${key}: another job wrote it; run the command again`)
}
