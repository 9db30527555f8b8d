import { boundedImport, type ImportSummary, inputDeadLetterTopic } from '#engine/ingest'
import { cacheFolder } from '../../../deploy/config.ts'
import { type BoundedSource, type Part, rangeOf } from '../../../producers/connectors/bounded.ts'
import { type DataSet, type OpenDataSet, openDataSet } from '../../../producers/connectors/dataset.ts'
import { openPlatform, prepareTopics } from '../../platform.ts'
import { progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'

export interface ImportFlags extends Part {
  readonly lateOk?: boolean
  readonly json?: boolean
}

/** Fetches the data set, reads the wanted part and imports it. INTERRUPTED after Ctrl-C, once the running transaction is through. */
export async function runImport(
  set: DataSet,
  sourceOf: (data: OpenDataSet, part: Part) => Promise<BoundedSource>,
  flags: ImportFlags,
): Promise<void> {
  const quiet = flags.json === true
  const begun = performance.now()
  rangeOf(flags, 'UTC') // a wrong date is refused before anything is fetched
  const platform = openPlatform()
  const stop = stopSignal()
  try {
    const { app, broker, registry } = platform
    const { importId, name, source, topics, total, rows } = await sourceOf(await fetched(set, quiet), flags)
    const there = await broker.admin.topics()
    if (topics.some((topic) => !there.has(topic.name))) await prepareTopics(platform)
    const bar = progressBar(importId, total, 'rows', quiet)
    const summary = await boundedImport({
      ...{ importId, name, app, source, topics, rows, broker, registry },
      lateOk: flags.lateOk === true,
      signal: stop.signal,
      onProgress: (progress) => bar.update(progress.rows),
      onWaiting: (message) => process.stderr.write(`${message}\n`),
    }).finally(() => bar.stop())
    report(summary, (performance.now() - begun) / 1_000, quiet)
  } finally {
    stop.release()
    await platform.close()
  }
}

async function fetched(set: DataSet, quiet: boolean): Promise<OpenDataSet> {
  let bar: ReturnType<typeof progressBar> | undefined
  try {
    return await openDataSet(cacheFolder(), set, (received) => {
      bar ??= progressBar(`fetching ${set.package}`, set.bytes, 'bytes', quiet)
      bar.update(received)
    })
  } finally {
    bar?.stop()
  }
}

function report(summary: ImportSummary, seconds: number, json: boolean): void {
  console.log(json ? JSON.stringify({ ...summary, seconds }) : summaryText(summary, seconds))
}

function summaryText(
  { importId, rows, tallies, resumedAfter, alreadyComplete }: ImportSummary,
  seconds: number,
): string {
  const lines = Object.entries(tallies).map(([topic, { written, deadLettered }]) => {
    const dead = deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(topic)}`
    return `  ${topic.padEnd(30)} ${written} rows${dead}`
  })
  const resumed = resumedAfter === 0 ? '' : `, going on behind row ${resumedAfter}`
  const end = alreadyComplete
    ? `${importId} was imported before: nothing changed`
    : `${importId}: ${rows} rows imported in ${seconds.toFixed(1)} s${resumed}`
  return [...lines, end].join('\n')
}
