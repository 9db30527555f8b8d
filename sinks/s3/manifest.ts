import type { ArchivedRange, Cut } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { manifestPrefix } from './layout.ts'
import { concurrently, type ObjectStore } from './object-store.ts'

/** One bronze object: the records of one range, and what they must add up to. */
export interface BronzeObject extends ArchivedRange {
  readonly sha256: string
  readonly hashSum: string
}

export interface SilverObject {
  readonly object: string
  readonly rows: number
  readonly hashSum: string
  readonly bytes: number
}

/** What a cut is in S3. */
export interface Manifest {
  readonly cut: Cut
  readonly bronze: readonly BronzeObject[]
  readonly silver: readonly SilverObject[]
  /** Rows that are in bronze as they were read but could not become a row of silver. */
  readonly refused: number
}

const READ_WIDTH = 16

/** Every manifest of a topic, in order of generation, lane and cut. */
export async function readManifests(store: ObjectStore, topic: string): Promise<readonly Manifest[]> {
  const keys = await store.list(manifestPrefix(topic))
  const manifests: Manifest[] = []
  await concurrently(keys, READ_WIDTH, async ({ key }, i) => {
    const text = await store.get(key)
    if (text === undefined)
      throw new KappaError('STORE', `reading ${key}: it was listed and is gone`, { retriable: true })
    manifests[i] = parseManifest(text, key)
  })
  return manifests
}

export function parseManifest(text: Buffer, key: string): Manifest {
  try {
    return JSON.parse(text.toString('utf8')) as Manifest
  } catch (cause) {
    throw new KappaError('CUT_MISMATCH', `reading ${key}: not a manifest`, { cause })
  }
}
