import { addHashes, subtractHashes } from '#engine/delivery'
import type { AnyTopic, Registry } from '#engine/schema'
import { dropped, writeParts } from '../ledger/fold.ts'
import type { FoldedCut, Head, SilverFile } from '../ledger/head.ts'
import { readPart, readState } from '../ledger/state.ts'
import { BronzeEraser } from './erase-bronze.ts'
import { erasedSilver } from './erase-silver.ts'
import { personalOf } from './erased.ts'
import { begin, conclude, type UpkeepOptions } from './job.ts'

export interface EraseOptions extends Omit<UpkeepOptions, 'topic' | 'dryRun'> {
  readonly topic: AnyTopic
  readonly registry: Registry
  /** Values of the fields that `pii.subject` names. */
  readonly subjects: ReadonlySet<string>
}

export interface Erasure {
  readonly topic: string
  /** Rows whose personal fields were taken away now. */
  readonly silverRows: number
  readonly bronzeRows: number
  readonly rewritten: number
  readonly deleted: number
  /** Objects that still hold what they held: of cuts that are not done, within the grace, or read by a replay. Run again until 0. */
  readonly waiting: number
}

/**
 * Takes the values of erased subjects out of a topic's objects (governance.md, "kappa forget"). Their events stay, and so do
 * counts and positions; a personal field reads `erased`, or null where it is no text. Fields that were sealed are left:
 * without its key nobody opens one. The protocol, which may be killed at any step and is simply run again: 1 roll up
 * the manifests of done cuts · 2 write every file and archive object that names a subject anew, under another name ·
 * 3 write the head that names those · 4 tell the Iceberg table, whose earlier snapshots go with the grace · 5 delete what
 * nothing names, what killed jobs left included. A grace of 0 does all of it in one run.
 */
export async function eraseTopic(options: EraseOptions): Promise<Erasure> {
  const { store, topic, clock } = options
  const fields = personalOf(topic)
  if (fields.length === 0)
    return { topic: topic.name, silverRows: 0, bronzeRows: 0, rewritten: 0, deleted: 0, waiting: 0 }
  const job: UpkeepOptions = { ...options, topic: topic.name, leftoversMs: options.graceMs }
  const { before, folded } = await begin(job)
  const silver = await eraseSilver(options, folded)
  const bronze = await eraseBronze(options, folded)
  const gone = [...silver.gone, ...bronze.gone]
  const next: Head =
    gone.length === 0
      ? folded
      : {
          ...folded,
          silver: silver.files,
          parts: bronze.parts,
          expired: bronze.expired,
          dropped: [...folded.dropped, ...dropped(gone, clock.now())],
        }
  const deleted = await conclude(job, before, next)
  const { head, tail } = await readState(store, topic.name)
  return {
    topic: topic.name,
    silverRows: silver.rows,
    bronzeRows: bronze.rows,
    rewritten: silver.made + bronze.made,
    deleted,
    waiting: head.dropped.length + tail.length,
  }
}

async function eraseSilver({ store, topic, subjects }: EraseOptions, head: Head) {
  const files: SilverFile[] = []
  const gone: string[] = []
  let [rows, made] = [0, 0]
  for (const file of head.silver) {
    const erased = await erasedSilver(store, topic, file, subjects)
    if (erased === undefined) {
      files.push(file)
      continue
    }
    files.push(erased.file)
    gone.push(file.object)
    rows += erased.rows
    made++
  }
  return { files, gone, rows, made }
}

async function eraseBronze({ store, topic, subjects, registry }: EraseOptions, head: Head) {
  const eraser = new BronzeEraser(store, topic, registry, subjects)
  const parts = []
  const gone: string[] = []
  const expired: Record<string, Head['expired'][string]> = { ...head.expired }
  let [rows, made] = [0, 0]
  for (const part of head.parts) {
    const cuts = await readPart(store, part)
    const changed: FoldedCut[] = []
    let found = false
    for (const cut of cuts) {
      const bronze = []
      for (const range of cut.bronze) {
        const erased = await eraser.erase(cut.generation, range)
        bronze.push(erased?.range ?? range)
        if (erased === undefined) continue
        found = true
        gone.push(range.object)
        rows += erased.rows
        made++
        const own = expired[cut.generation] ?? { bronze: { rows: 0, hashSum: '0' }, silver: { rows: 0, hashSum: '0' } }
        // The rows hash otherwise now; what is kept here makes the sum what the cut log says was read.
        const before = addHashes(own.bronze.hashSum, subtractHashes(range.hashSum, erased.range.hashSum))
        expired[cut.generation] = { ...own, bronze: { rows: own.bronze.rows, hashSum: before } }
      }
      changed.push({ ...cut, bronze })
    }
    if (!found) parts.push(part)
    else {
      parts.push(...(await writeParts(store, topic.name, changed)))
      gone.push(part.object)
    }
  }
  return { parts, gone, expired, rows, made }
}
