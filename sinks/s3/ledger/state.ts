import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { KappaError } from '#engine/errors'
import { cutOfManifestKey, manifestPrefix } from '../layout.ts'
import { type Manifest, parseManifest } from '../manifest.ts'
import { concurrently, type ObjectStore } from '../object-store.ts'
import { type CutPart, type FoldedCut, type Head, laneName, readHead, type SilverFile } from './head.ts'

const unzip = promisify(gunzip)
const READ_WIDTH = 16

/** Everything visible of a topic. */
export interface State {
  readonly head: Head
  /** Cuts after the head, each by its manifest; in order of generation, lane and cut. */
  readonly tail: readonly { readonly key: string; readonly manifest: Manifest }[]
}

/** Parts and manifests never change under their names, so they are read once. */
export type Known = Map<string, unknown>

/**
 * Reads the head and the manifests after it: one GET for the head and one for each cut since the last roll-up. The head
 * comes first: a cut folded meanwhile still has its manifest.
 */
export async function readState(store: ObjectStore, topic: string, known: Known = new Map()): Promise<State> {
  const head = await readHead(store, topic)
  const listed = await store.list(manifestPrefix(topic))
  const later = listed.filter(({ key }) => {
    const cut = cutOfManifestKey(key)
    return cut === undefined || cut.number > (head.folded[laneName(cut)] ?? 0)
  })
  const current = new Set([...later.map(({ key }) => key), ...head.parts.map(({ object }) => object)])
  for (const key of known.keys()) if (!current.has(key)) known.delete(key)
  const tail: { key: string; manifest: Manifest }[] = []
  await concurrently(later, READ_WIDTH, async ({ key }, i) => {
    tail[i] = { key, manifest: await once(known, key, async () => parseManifest(await present(store, key), key)) }
  })
  return { head, tail }
}

/** The cuts of a part. */
export function readPart(store: ObjectStore, { object }: CutPart, known: Known = new Map()): Promise<FoldedCut[]> {
  return once(known, object, async () => {
    const packed = await present(store, object)
    try {
      return JSON.parse((await unzip(packed)).toString('utf8')) as FoldedCut[]
    } catch (cause) {
      throw new KappaError('CUT_MISMATCH', `reading ${object}: not a part of an index`, { cause })
    }
  })
}

/** Every visible cut with its bronze. */
export async function cutsOf(store: ObjectStore, { head, tail }: State, known?: Known): Promise<FoldedCut[]> {
  const parts: FoldedCut[][] = []
  await concurrently(head.parts, READ_WIDTH, async (part, i) => {
    parts[i] = await readPart(store, part, known)
  })
  return [...parts.flat(), ...tail.map(({ manifest }) => foldedCut(manifest))]
}

/** Every visible silver object. */
export const silverFilesOf = ({ head, tail }: State): SilverFile[] => [
  ...head.silver,
  ...tail.flatMap(({ manifest }) => silverFiles(manifest)),
]

export const foldedCut = ({ cut, bronze }: Manifest): FoldedCut => {
  const { generation, lane, number, decidedAt } = cut
  return { generation, lane, number, decidedAt, bronze }
}

export const silverFiles = ({ cut, silver }: Manifest): SilverFile[] =>
  silver.map((file) => ({ ...file, generation: cut.generation, oldest: cut.decidedAt, newest: cut.decidedAt }))

async function once<T>(known: Known, key: string, read: () => Promise<T>): Promise<T> {
  const found = known.get(key)
  if (found !== undefined) return found as T
  const value = await read()
  known.set(key, value)
  return value
}

async function present(store: ObjectStore, key: string): Promise<Buffer> {
  const bytes = await store.get(key)
  if (bytes === undefined)
    throw new KappaError('STORE', `reading ${key}: it was named and is gone`, { retriable: true })
  return bytes
}
