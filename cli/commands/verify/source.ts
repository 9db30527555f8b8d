import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic, readCheckpoints } from '#engine/ingest'
import { systemClock } from '#engine/time'
import { readArrivals } from '../../../producers/connectors/arrivals.ts'
import {
  type FileEntry,
  type FilesSource,
  filesName,
  Ledger,
  originalDue,
  recount,
} from '../../../producers/connectors/files/index.ts'
import { openPlatform } from '../../platform.ts'
import { filesSourcesNamed } from '../../sources.ts'
import { arrivalsText } from './arrivals-text.ts'
import { type Counted, Counts, type SourceReport, type Unbalanced } from './counts.ts'
import { openStores, type Stores } from './stores.ts'
import { reportOfStream, streamSources } from './streams.ts'

/** `kappa verify --source NAME`: exit 3 where anything is not in balance. */
export async function verifySources(names: readonly string[], deep: boolean, json: boolean): Promise<void> {
  const streams = streamSources(names)
  const files = names.filter((name) => !streams.some((stream) => stream.name === name))
  const sources = names.length > 0 && files.length === 0 ? [] : filesSourcesNamed(files)
  const platform = openPlatform()
  const stores = openStores(platform)
  const reports: SourceReport[] = []
  try {
    for (const source of sources) {
      const report = await reportOf(source.name, stores)
      const originals = deep ? await wrongOriginals(source, stores) : []
      reports.push({ ...report, unbalanced: [...report.unbalanced, ...originals] })
    }
    for (const stream of streams) reports.push(await reportOfStream(stream, stores))
  } finally {
    await stores.close()
    await platform.close()
  }
  const arrivals = reports.flatMap((report) => report.arrivals)
  const unbalanced = reports.flatMap((report) => report.unbalanced)
  const unfinished = reports.flatMap((report) => report.unfinished)
  const wrong = arrivals.filter(({ equal }) => !equal).length + unbalanced.length
  if (json) console.log(JSON.stringify({ equal: wrong === 0, arrivals, unbalanced, unfinished }, null, 2))
  else console.log(arrivalsText({ arrivals, unbalanced, unfinished }))
  if (wrong > 0)
    throw new KappaError(
      'VERIFICATION_MISMATCH',
      `counting what ${names.join(', ') || 'sources'} sent: ${wrong} imbalances`,
    )
}

/** Originals that are not what was read, or of which not every record was taken: read once more, from the bucket. */
async function wrongOriginals(source: FilesSource, stores: Stores): Promise<readonly Unbalanced[]> {
  const { entries } = new Ledger(await readCheckpoints(stores.broker, filesName(source.name)))
  const folder = await mkdtemp(join(tmpdir(), 'kappa-originals-'))
  try {
    const wrong: Unbalanced[] = []
    const now = systemClock.now()
    for (const entry of entries.filter((one) => one.endedAt !== null && originalDue(source, one) > now)) {
      const found = await recount(source, entry, stores.objects, join(folder, 'original'))
      const { name: file, sha256, passed, rows } = entry
      if (found !== passed + rows)
        wrong.push({ source: source.name, file: `original of ${file}`, sha256, lines: passed + rows, found, twice: 0 })
    }
    return wrong
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Counts what one source of files took, and what is there of it. */
export async function reportOf(name: string, stores: Counted): Promise<SourceReport> {
  const { broker } = stores
  const { entries, unfinished } = new Ledger(await readCheckpoints(broker, filesName(name)))
  const counts = new Counts(
    filesName(name),
    entries.map(({ hours }) => hours),
    entries,
  )
  for (const [topic, since] of sinceOf(entries)) {
    await readArrivals(broker, topic, since, (record, origin) => counts.event(topic, record, origin))
    const dead = inputDeadLetterTopic(topic)
    if ((await broker.admin.topics()).has(dead))
      await readArrivals(broker, dead, [], (record, origin) => counts.deadLetter(topic, record, origin))
  }
  return { ...(await counts.report(stores)), unfinished: unfinished.map((entry) => `${name}: ${entry.name}`) }
}

/** The lowest offsets of each topic before which nothing of the entries lies. */
function sinceOf(entries: readonly FileEntry[]): ReadonlyMap<string, readonly number[]> {
  const since = new Map<string, readonly number[]>()
  for (const entry of entries)
    for (const topic of Object.keys(entry.tallies)) {
      const own = entry.since[topic] ?? []
      since.set(topic, since.get(topic)?.map((offset, i) => Math.min(offset, own[i] ?? 0)) ?? own)
    }
  return since
}
