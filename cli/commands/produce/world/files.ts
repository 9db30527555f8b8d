import { systemClock } from '#engine/time'
import {
  domainsOf,
  type FilesSummary,
  FilesWriter,
  type HourOfEvents,
  hoursOf,
  liveHoursOf,
  World,
  type WorldOptions,
} from '../../../../producers/world/index.ts'
import { progressBar } from '../bar.ts'

type Files = NonNullable<WorldOptions['files']>

/** Writes files; what is complete stays when it is stopped. */
export async function toFiles(
  what: string,
  options: WorldOptions,
  files: Files,
  signal: AbortSignal,
  json: boolean,
): Promise<void> {
  const begun = performance.now()
  const { settings } = options
  const world = new World(settings)
  const domains = domainsOf(what)
  const writer = new FilesWriter({ settings, ...files })
  const total = options.mode === 'batch' ? options.days * settings.eventsPerDay : 0
  const bar = progressBar(`files in ${files.folder}`, total, 'events', json)
  const source: AsyncIterable<HourOfEvents> | Iterable<HourOfEvents> =
    options.mode === 'batch'
      ? hoursOf(world, { ...options, domains })
      : liveHoursOf(world, { ...options, domains, clock: systemClock, signal })
  let events = 0
  try {
    let turn = begun
    for await (const { hour, events: some } of source) {
      if (signal.aborted && options.mode === 'batch') break
      writer.write(some, hour)
      events += some.length
      bar.update(events)
      if (performance.now() - turn < 50) continue
      // lets a signal in between: everything else here is synchronous
      await new Promise((resolve) => setImmediate(resolve))
      turn = performance.now()
    }
  } finally {
    bar.stop()
  }
  const summary = writer.close()
  const seconds = (performance.now() - begun) / 1_000
  console.log(
    json ? JSON.stringify({ events, seconds, ...summary }) : summaryText(events, seconds, files.folder, summary),
  )
}

function summaryText(
  events: number,
  seconds: number,
  folder: string,
  { files, rows, bytes, flaws }: FilesSummary,
): string {
  const lines = Object.entries(rows).map(([stem, count]) => `  ${stem.padEnd(36)} ${count} rows`)
  const spoilt = flaws === 0 ? '' : `, ${flaws} flaws (truth/flaws.csv)`
  const megabytes = (bytes / 1e6).toFixed(1)
  return [
    ...lines,
    `${events} events in ${seconds.toFixed(1)} s: ${files} files, ${megabytes} MB in ${folder}${spoilt}`,
  ].join('\n')
}
