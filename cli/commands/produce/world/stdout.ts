import { systemClock } from '#engine/time'
import {
  domainsOf,
  eventsOf,
  lineOf,
  liveEvents,
  World,
  type WorldEvent,
  type WorldOptions,
} from '../../../../producers/world/index.ts'

/** Writes every event as a line; ends early, and well, when its reader has gone. */
export async function toStdout(what: string, options: WorldOptions, signal: AbortSignal): Promise<void> {
  let readerGone = false
  process.stdout.on('error', () => {
    readerGone = true // `| head` has enough: nothing is left to do
  })
  const world = new World(options.settings)
  const domains = domainsOf(what)
  const source: AsyncIterable<readonly WorldEvent[]> | Iterable<readonly WorldEvent[]> =
    options.mode === 'batch'
      ? eventsOf(world, { ...options, domains })
      : liveEvents(world, { ...options, domains, clock: systemClock, signal })
  for await (const events of source) {
    if (readerGone || signal.aborted) return
    if (events.length === 0) continue
    await new Promise<void>((done) => process.stdout.write(events.map(lineOf).join(''), () => done()))
  }
}
