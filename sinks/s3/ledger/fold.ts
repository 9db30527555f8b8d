import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { partKey } from '../layout.ts'
import type { ObjectStore } from '../object-store.ts'
import { type CutPart, type FoldedCut, type Head, laneName } from './head.ts'
import { foldedCut, readPart, type State, silverFiles } from './state.ts'

const zip = promisify(gzip)
/** Ranges of a part: about 3 MB of JSON, a third of it packed. */
const PART_RANGES = 10_000

/** The last cut that is certainly done, of a lane: a cut that is not may be written again, and keeps its manifest. */
export type DoneUpTo = (lane: { readonly generation: number; readonly lane: number }) => number | undefined

/** Rolls manifests up into a head (not yet written). Parts are written: nothing reads them before a head names them. */
export async function fold(store: ObjectStore, state: State, doneUpTo: DoneUpTo, now: number): Promise<Head> {
  const { head, tail } = state
  const last = new Map<string, number>()
  for (const { manifest } of tail) last.set(laneName(manifest.cut), manifest.cut.number)
  const ready = tail.filter(({ manifest: { cut } }) => {
    // At most one cut of a lane is undone, and it is the last.
    const done = doneUpTo(cut) ?? (last.get(laneName(cut)) ?? 0) - 1
    return cut.number <= done
  })
  if (ready.length === 0) return head
  const folded: Record<string, number> = { ...head.folded }
  for (const { manifest } of ready) folded[laneName(manifest.cut)] = manifest.cut.number
  const { parts, replaced } = await appendCuts(
    store,
    head,
    ready.map(({ manifest }) => foldedCut(manifest)),
  )
  return {
    ...head,
    folded,
    parts,
    silver: [...head.silver, ...ready.flatMap(({ manifest }) => silverFiles(manifest))],
    dropped: [...head.dropped, ...dropped([...ready.map(({ key }) => key), ...replaced], now)],
  }
}

export const dropped = (objects: readonly string[], since: number): Head['dropped'] =>
  objects.map((object) => ({ object, since }))

/** The last part is filled up before another begins. */
async function appendCuts(store: ObjectStore, head: Head, cuts: readonly FoldedCut[]) {
  const last = head.parts.at(-1)
  const open = last !== undefined && last.ranges < PART_RANGES ? last : undefined
  const before = open === undefined ? [] : await readPart(store, open)
  const kept = open === undefined ? head.parts : head.parts.slice(0, -1)
  const parts = [...kept, ...(await writeParts(store, head.topic, [...before, ...cuts]))]
  return { parts, replaced: open === undefined ? [] : [open.object] }
}

/** Writes cuts as parts of bounded size. */
export async function writeParts(store: ObjectStore, topic: string, cuts: readonly FoldedCut[]): Promise<CutPart[]> {
  const parts: CutPart[] = []
  let own: FoldedCut[] = []
  let ranges = 0
  const flush = async (): Promise<void> => {
    if (own.length === 0) return
    const text = JSON.stringify(own)
    const object = partKey(topic, createHash('sha256').update(text).digest('hex'))
    await store.put(object, await zip(text), 'application/gzip')
    const [oldest, newest] = spanOf(own.map(({ decidedAt }) => decidedAt))
    parts.push({ object, cuts: own.length, ranges, oldest, newest })
    own = []
    ranges = 0
  }
  for (const cut of cuts) {
    own.push(cut)
    ranges += cut.bronze.length
    if (ranges >= PART_RANGES) await flush()
  }
  await flush()
  return parts
}

export const spanOf = (times: readonly number[]): [number, number] =>
  times.reduce<[number, number]>(
    ([first, last], time) => [Math.min(first, time), Math.max(last, time)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
