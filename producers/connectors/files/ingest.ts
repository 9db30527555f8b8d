import { mkdir, rm } from 'node:fs/promises'
import type { Broker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { KeyVault } from '#engine/governance'
import { checkpointed } from '#engine/ingest'
import type { Registry } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import type { ObjectFiles } from '../originals.ts'
import type { FilesSource } from './config.ts'
import type { Landing } from './landing.ts'
import type { FileEntry } from './ledger.ts'
import { filesName } from './name.ts'
import { Run } from './run.ts'

export interface FilesOptions {
  readonly source: FilesSource
  readonly landing: Landing
  readonly objects: ObjectFiles
  readonly app: string
  readonly broker: Broker
  readonly registry: Registry
  readonly vault?: KeyVault
  /** A folder of this source's own; what is in it is deleted. */
  readonly spool: string
  /** Looks for new files until the signal; else one look, and another one at files that were still being written. */
  readonly watch?: { readonly everyMs: number }
  /** Sends one file again that was taken before: its name, or the beginning of its sha256. */
  readonly again?: string
  readonly signal?: AbortSignal
  /** How long without a commit until a service that is away ends the work. Default 2 minutes. */
  readonly patienceMs?: number
  readonly onProgress?: (progress: FilesProgress) => void
  readonly onWaiting?: (message: string) => void
  readonly clock?: Clock
}

export interface FilesProgress {
  /** Bytes of files that are through, and of all that were found. */
  readonly bytes: number
  readonly bytesInAll: number
  readonly file: string
  /** An entry whose last record was taken just now. */
  readonly ended?: FileEntry
}

export interface FilesSummary {
  readonly source: string
  /** Entries that were taken, or gone on with, by this call. */
  readonly taken: readonly FileEntry[]
  /** Files whose content, or state, was taken before. */
  readonly known: number
  /** Names of files that were still being written. */
  readonly growing: readonly string[]
  /** Names that match none of the source's patterns. */
  readonly unmatched: readonly string[]
}

/**
 * Takes the files of a source, each content once.
 *
 * 1 go on with files that were begun, from their originals in the bucket · 2 list what lies there · 3 leave what is known by
 * name, size and time, and what is not still · 4 copy to a place of our own, hashing · 5 leave content that is known · 6 keep
 * the original in the bucket · 7 take it, transaction by transaction.
 *
 * Killed anywhere it goes on with the next call. Throws INTERRUPTED after the signal where it does not watch; FENCED where
 * another process took the source over.
 */
export async function ingestFiles(options: FilesOptions): Promise<FilesSummary> {
  const { source, signal, clock = systemClock } = options
  const topics = [...new Set(source.kinds.flatMap((kind) => kind.topics))]
  const taken = new Set<string>()
  const meant = new Set<string>()
  const summary = await checkpointed({ ...options, name: filesName(source.name), topics }, async (checkpoints) => {
    await rm(options.spool, { recursive: true, force: true })
    await mkdir(options.spool, { recursive: true })
    const run = new Run(options, clock, checkpoints, taken, meant)
    await run.goOn()
    if (options.again !== undefined) await run.sendAgain(options.again)
    else await run.look()
    return run
  }).finally(() => rm(options.spool, { recursive: true, force: true }))
  if (signal?.aborted && options.watch === undefined)
    throw new KappaError('INTERRUPTED', `taking files of ${source.name}: stopped; the same command goes on from there`)
  const { known, growing, unmatched } = summary
  return { source: source.name, taken: summary.takenOf(taken), known: known.size, growing, unmatched: [...unmatched] }
}
