import { createHash } from 'node:crypto'
import { boundedImport, type ImportSummary, inBatches, type SourceRow } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { purchaseLines } from '#schemas'
import { type Platform, prepareTopics } from '../../platform.ts'
import { progressBar } from '../produce/bar.ts'

/** Rows a transaction. */
const BATCH = 500

export interface Made {
  /** What is trained, e.g. `recommendations`. */
  readonly name: string
  /** Of the model. */
  readonly version: string
  readonly range: { readonly from: number | null; readonly to: number }
  readonly topics: readonly AnyTopic[]
  /** The same rows in the same order for the same version and range. */
  readonly rows: readonly SourceRow[]
  readonly signal: AbortSignal
  readonly quiet: boolean
}

/** Publishes what a model says as a bounded import named by it: exactly once, however often it is trained again or killed. */
export async function published(platform: Platform, made: Made): Promise<ImportSummary> {
  const { name, version, range, topics, rows, signal, quiet } = made
  const { app, broker, registry } = platform
  await prepareTopics(platform)
  const span = `${range.from === null ? '' : new Date(range.from).toISOString()}..${new Date(range.to).toISOString()}`
  const bar = progressBar('publishing', rows.length, 'rows', quiet)
  return await boundedImport({
    ...{ importId: `${name} ${version} ${span}`, name: `train-${name}`, app, broker, registry, signal, topics },
    source: {
      name: `${purchaseLines.name} ${span}`,
      sha256: createHash('sha256').update(`${version} ${span}`).digest('hex'),
    },
    async *rows(after) {
      yield* inBatches(rows.slice(after), BATCH)
    },
    lateOk: true,
    onProgress: (progress) => bar.update(progress.rows),
    onWaiting: (message) => process.stderr.write(`${message}\n`),
  }).finally(() => bar.stop())
}
