import { boundedImport, inputDeadLetterTopic, publisher, type Tally } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import {
  type BatchOptions,
  domainsOf,
  liveEvents,
  rowsOf,
  type StreamOptions,
  topicsOf,
  World,
  worldImport,
} from '../../../../producers/world/index.ts'
import { openPlatform, type Platform, prepareTopics } from '../../../platform.ts'
import { progressBar } from '../bar.ts'

const told = (message: string): void => void process.stderr.write(`${message}\n`)

/** Whole days, exactly once. INTERRUPTED after Ctrl-C, once the running transaction is through. */
export async function batchToKafka(
  what: string,
  options: BatchOptions,
  signal: AbortSignal,
  json: boolean,
): Promise<void> {
  const platform = openPlatform()
  const begun = performance.now()
  try {
    const { app, broker, registry, vault } = platform
    const source = worldImport(what, options)
    await prepare(platform, source.topics)
    const bar = progressBar(source.importId, about(options), 'events', json)
    const summary = await boundedImport({
      ...source,
      ...{ app, broker, registry, vault, signal },
      // pieces of one world follow one another on the same topics
      lateOk: true,
      onProgress: ({ rows }) => bar.update(rows),
      onWaiting: told,
    }).finally(() => bar.stop())
    const seconds = (performance.now() - begun) / 1_000
    const end = summary.alreadyComplete
      ? `${summary.importId} was produced before: nothing changed`
      : `${summary.rows} events in ${seconds.toFixed(1)} s${summary.resumedAfter === 0 ? '' : `, going on behind event ${summary.resumedAfter}`}`
    console.log(json ? JSON.stringify({ ...summary, seconds }) : [...tallyLines(summary.tallies), end].join('\n'))
  } finally {
    await platform.close()
  }
}

/** Live, until the duration is over or the signal. */
export async function streamToKafka(
  what: string,
  options: StreamOptions,
  signal: AbortSignal,
  json: boolean,
): Promise<void> {
  const platform = openPlatform()
  const begun = performance.now()
  try {
    const { broker, registry, vault } = platform
    const domains = domainsOf(what)
    const topics = topicsOf(domains)
    await prepare(platform, topics)
    const out = await publisher({ broker, registry, vault, topics, onWaiting: told })
    let sent = 0
    try {
      const world = new World(options.settings)
      for await (const events of liveEvents(world, { ...options, domains, clock: systemClock, signal })) {
        if (events.length === 0) continue
        await out.publish(rowsOf(events, options.settings.seed, sent))
        await out.flush()
        sent += events.length
      }
    } finally {
      await out.close()
    }
    const seconds = (performance.now() - begun) / 1_000
    const tallies = Object.fromEntries(out.tallies)
    const text = [...tallyLines(tallies), `${sent} events sent in ${seconds.toFixed(1)} s`].join('\n')
    console.log(json ? JSON.stringify({ sent, seconds, seed: options.settings.seed, tallies }) : text)
  } finally {
    await platform.close()
  }
}

async function prepare(platform: Platform, topics: readonly AnyTopic[]): Promise<void> {
  const there = await platform.broker.admin.topics()
  if (topics.some(({ name }) => !there.has(name))) await prepareTopics(platform)
}

const about = ({ days, settings }: BatchOptions): number => days * settings.eventsPerDay

function tallyLines(tallies: Readonly<Record<string, Readonly<Tally>>>): string[] {
  return Object.entries(tallies).map(([name, { written, deadLettered }]) => {
    const dead = deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(name)}`
    return `  ${name.padEnd(32)} ${written} written${dead}`
  })
}
