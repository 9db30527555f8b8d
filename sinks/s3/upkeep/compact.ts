import { createHash } from 'node:crypto'
import { addHashes } from '#engine/delivery'
import { folderOf, mergedKey } from '../layout.ts'
import { dropped, spanOf } from '../ledger/fold.ts'
import type { Head, SilverFile } from '../ledger/head.ts'
import { begin, conclude, type UpkeepOptions } from './job.ts'
import { mergeFiles } from './merge.ts'

const DAY_MS = 86_400_000
/** A file of this share of the target is left as it is. */
const LARGE_ENOUGH = 0.75

export interface CompactOptions extends UpkeepOptions {
  /** Milliseconds that rows stay, counted from writing; -1: for ever. Else rows written on different days are not mixed. */
  readonly retentionMs: number
  /** Only what was written longer ago. */
  readonly olderThanMs: number
  readonly targetBytes: number
}

export interface Compaction {
  readonly topic: string
  /** Small files, and what they became; with a dry run, at best. */
  readonly files: number
  readonly into: number
  readonly bytes: number
  /** Manifests rolled up. */
  readonly folded: number
  readonly deleted: number
}

/**
 * Rewrites many small silver files of a folder into few. The protocol, which may be killed at any step and is simply run
 * again: 1 roll up the manifests of done cuts (parts are written, nothing names them yet) · 2 write the merged files, named
 * by what they are made of · 3 write the head: from this moment, and for every reader at once, they stand for the small
 * ones · 4 tell whoever lists files for others (Iceberg) · 5 delete what no head has named for the grace period.
 */
export async function compactTopic(options: CompactOptions): Promise<Compaction> {
  const { store, topic, clock, dryRun } = options
  const { before, folded } = await begin(options)
  const groups = groupsOf(folded.silver, options)
  const all = groups.flat()
  const counts = {
    topic,
    files: all.length,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    folded: cutsIn(folded) - cutsIn(before),
  }
  if (dryRun === true) return { ...counts, into: groups.length, deleted: 0 }
  const made: SilverFile[] = []
  const gone = new Set<string>()
  for (const group of groups)
    for (const { inputs, bytes } of await mergeFiles(store, topic, group)) {
      if (inputs.length < 2) continue
      const file = mergedFile(topic, inputs, bytes.length)
      await store.put(file.object, bytes, 'application/vnd.apache.parquet')
      made.push(file)
      for (const { object } of inputs) gone.add(object)
    }
  const next: Head =
    made.length === 0
      ? folded
      : {
          ...folded,
          silver: [...folded.silver.filter(({ object }) => !gone.has(object)), ...made],
          dropped: [...folded.dropped, ...dropped([...gone], clock.now())],
        }
  const deleted = await conclude(options, before, next)
  return { ...counts, files: gone.size, into: made.length, deleted }
}

const cutsIn = ({ folded }: Head): number => Object.values(folded).reduce((sum, last) => sum + last, 0)

function mergedFile(topic: string, inputs: readonly SilverFile[], bytes: number): SilverFile {
  const [first] = inputs
  const sha256 = createHash('sha256')
  for (const { object } of inputs) sha256.update(`${object}\n`)
  const [oldest, newest] = spanOf(inputs.flatMap((file) => [file.oldest, file.newest]))
  return {
    object: mergedKey(topic, folderOf(first?.object ?? ''), sha256.digest('hex')),
    rows: inputs.reduce((sum, { rows }) => sum + rows, 0),
    hashSum: inputs.reduce((sum, { hashSum }) => addHashes(sum, hashSum), '0'),
    bytes,
    generation: first?.generation ?? 1,
    oldest,
    newest,
  }
}

/** Files to put together: of one folder and generation, in the order written, about the target's size; two at least. */
function groupsOf(silver: readonly SilverFile[], options: CompactOptions): readonly (readonly SilverFile[])[] {
  const { clock, olderThanMs, targetBytes, retentionMs } = options
  const before = clock.now() - olderThanMs
  const places = new Map<string, SilverFile[]>()
  for (const file of silver) {
    if (file.newest > before || file.bytes >= targetBytes * LARGE_ENOUGH) continue
    const written = retentionMs < 0 ? '' : Math.floor(file.oldest / DAY_MS)
    const place = `${file.generation}/${folderOf(file.object)}/${written}`
    const own = places.get(place)
    if (own === undefined) places.set(place, [file])
    else own.push(file)
  }
  return [...places.values()].flatMap((files) => bins(files, targetBytes)).filter((group) => group.length > 1)
}

function bins(files: readonly SilverFile[], targetBytes: number): readonly (readonly SilverFile[])[] {
  const ordered = [...files].sort((a, b) => a.oldest - b.oldest || (a.object < b.object ? -1 : 1))
  const full: SilverFile[][] = []
  let [own, size]: [SilverFile[], number] = [[], 0]
  for (const file of ordered) {
    if (size > 0 && size + file.bytes > targetBytes) {
      full.push(own)
      ;[own, size] = [[], 0]
    }
    own.push(file)
    size += file.bytes
  }
  return [...full, own]
}
