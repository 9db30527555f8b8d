import { headerOf, type KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic, readCheckpoints } from '#engine/ingest'
import { readArrivals, SeenLines } from '../../../producers/connectors/arrivals.ts'
import { type FileEntry, filesName, Ledger, unitOf } from '../../../producers/connectors/files/index.ts'
import { hourOf } from '../../../producers/connectors/origin.ts'
import { openPlatform } from '../../platform.ts'
import { filesSourcesNamed } from '../../sources.ts'
import { table } from '../stack/table.ts'
import { type Landed, landedIn } from './landed.ts'
import { openStores, type Stores } from './stores.ts'
import { reportOfStream, streamSources } from './streams.ts'

/** What a source took in one hour for one topic, and where it is. */
export interface Arrival {
  readonly source: string
  /** `2025-01-31T13`, UTC: when it was taken. */
  readonly hour: string
  readonly topic: string
  /** Lines that were read, as the source wrote down: events and dead letters. */
  readonly lines: number
  readonly events: number
  readonly deadLetters: number
  /** What lies in Kafka with this source's name on it. */
  readonly found: { readonly events: number; readonly deadLetters: number }
  readonly stores: readonly Landed[]
  readonly equal: boolean
}

/** A file whose lines are not there once each. */
export interface Unbalanced {
  readonly source: string
  readonly file: string
  readonly sha256: string
  readonly lines: number
  readonly found: number
  readonly twice: number
}

export interface SourceReport {
  readonly arrivals: readonly Arrival[]
  readonly unbalanced: readonly Unbalanced[]
  /** Names of files that were begun and are not through. */
  readonly unfinished: readonly string[]
}

/** What is asked. */
export type Counted = Pick<Stores, 'broker' | 'logs' | 'clickhouse'>

/** `kappa verify --source NAME`: exit 3 where anything is not in balance. */
export async function verifySources(names: readonly string[], json: boolean): Promise<void> {
  const streams = streamSources(names)
  const files = names.filter((name) => !streams.some((stream) => stream.name === name))
  const sources = names.length > 0 && files.length === 0 ? [] : filesSourcesNamed(files)
  const platform = openPlatform()
  const stores = openStores(platform)
  const reports: SourceReport[] = []
  try {
    for (const { name } of sources) reports.push(await reportOf(name, stores))
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
  else console.log(text({ arrivals, unbalanced, unfinished }))
  if (wrong > 0)
    throw new KappaError(
      'VERIFICATION_MISMATCH',
      `counting what ${names.join(', ') || 'sources'} sent: ${wrong} imbalances`,
    )
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

/** Offsets of one hour of a source in a partition, and the records of anybody in between. */
export interface Stretch {
  readonly partition: number
  readonly first: number
  last: number
  /** All records from first to last. */
  records: number
}

interface Hour {
  events: number
  deadLetters: number
  readonly stretches: Map<number, Stretch>
}

type Origin =
  | { readonly source: string; readonly unit: string; readonly line: number; readonly takenAt: number }
  | undefined

/** Counts what is in Kafka of one source, beside what that wrote down. */
export class Counts {
  private readonly name: string
  private readonly hoursTold: readonly FileEntry['hours'][]
  private readonly entries: readonly FileEntry[]
  private readonly seen = new SeenLines()
  private readonly twice = new Map<string, number>()
  private readonly hours = new Map<string, Hour>()
  /** Records of a partition so far, of anybody. */
  private readonly passed = new Map<string, number>()
  private readonly passedAtFirst = new Map<Stretch, number>()

  /**
   * @param name as it stands in the origin of every event
   * @param hoursTold what the source wrote down
   * @param entries whose lines have to be there once each
   */
  constructor(name: string, hoursTold: readonly FileEntry['hours'][], entries: readonly FileEntry[] = []) {
    this.name = name
    this.hoursTold = hoursTold
    this.entries = entries
  }

  event(topic: string, { partition, offset }: KafkaRecord, origin: Origin): void {
    const at = `${topic}[${partition}]`
    const passed = (this.passed.get(at) ?? 0) + 1
    this.passed.set(at, passed)
    if (origin?.source !== this.name) return
    const hour = this.hour(hourOf(origin.takenAt), topic)
    hour.events++
    const stretch = hour.stretches.get(partition)
    if (stretch === undefined) {
      const begun: Stretch = { partition, first: offset, last: offset, records: 1 }
      hour.stretches.set(partition, begun)
      this.passedAtFirst.set(begun, passed)
    } else {
      stretch.last = offset
      stretch.records = passed - (this.passedAtFirst.get(stretch) ?? 0) + 1
    }
    this.note(origin)
  }

  deadLetter(topic: string, record: KafkaRecord, origin: Origin): void {
    if (origin?.source !== this.name || String(headerOf(record.headers, 'kappa.topic')) !== topic) return
    this.hour(hourOf(origin.takenAt), topic).deadLetters++
    this.note(origin)
  }

  private note({ unit, line }: { readonly unit: string; readonly line: number }): void {
    if (this.entries.length === 0) return
    if (!this.seen.add(unit, line)) this.twice.set(unit, (this.twice.get(unit) ?? 0) + 1)
  }

  private hour(hour: string, topic: string): Hour {
    const key = `${hour} ${topic}`
    const known = this.hours.get(key) ?? { events: 0, deadLetters: 0, stretches: new Map<number, Stretch>() }
    this.hours.set(key, known)
    return known
  }

  async report(stores: Counted): Promise<Omit<SourceReport, 'unfinished'>> {
    const source = this.name.replace(/^files-/, '')
    const told = new Map<string, readonly [number, number]>()
    for (const hours of this.hoursTold)
      for (const [hour, topics] of Object.entries(hours))
        for (const [topic, [events, deadLetters]] of Object.entries(topics)) {
          const [a, b] = told.get(`${hour} ${topic}`) ?? [0, 0]
          told.set(`${hour} ${topic}`, [a + events, b + deadLetters])
        }
    const arrivals: Arrival[] = []
    for (const key of [...new Set([...told.keys(), ...this.hours.keys()])].sort()) {
      const [hour = '', topic = ''] = key.split(' ')
      const [events, deadLetters] = told.get(key) ?? [0, 0]
      const { stretches, ...found } = this.hours.get(key) ?? {
        events: 0,
        deadLetters: 0,
        stretches: new Map<number, Stretch>(),
      }
      const landed = await landedIn(stores, topic, [...stretches.values()])
      const inKafka = found.events === events && found.deadLetters === deadLetters
      const equal = inKafka && landed.every((one) => one.equal !== false)
      arrivals.push({
        source,
        hour,
        topic,
        lines: events + deadLetters,
        events,
        deadLetters,
        found,
        stores: landed,
        equal,
      })
    }
    const unbalanced = this.entries.flatMap((entry): Unbalanced[] => {
      const [found, twice] = [this.seen.of(unitOf(entry)), this.twice.get(unitOf(entry)) ?? 0]
      const { name: file, sha256, rows: lines } = entry
      return found === lines && twice === 0 ? [] : [{ source, file, sha256, lines, found, twice }]
    })
    return { arrivals, unbalanced }
  }
}

function text({ arrivals, unbalanced, unfinished }: SourceReport): string {
  if (arrivals.length === 0) return 'Nothing was taken yet: kappa ingest, kappa collect'
  const rows = arrivals.map(({ source, hour, topic, lines, events, deadLetters, found, stores, equal }) => [
    ...[source, `${hour}:00Z`, topic, String(lines)],
    found.events === events ? String(events) : `${found.events} of ${events}`,
    found.deadLetters === deadLetters ? String(deadLetters) : `${found.deadLetters} of ${deadLetters}`,
    ...['clickhouse', 's3'].map((name) => landedText(stores.find((one) => one.store === name))),
    equal ? 'equal' : 'DIFFERENT',
  ])
  const all = (each: (one: Arrival) => number) => arrivals.reduce((sum, one) => sum + each(one), 0)
  const sums = `${all(({ lines }) => lines)} lines = ${all(({ found }) => found.events)} events + ${all(({ found }) => found.deadLetters)} dead letters`
  return [
    table(['source', 'taken in', 'topic', 'lines', 'events', 'dead', 'clickhouse', 's3', ''], rows),
    ...unbalanced.map(
      (one) => `${one.source}: ${one.file}: ${one.lines} lines, ${one.found} found, ${one.twice} of them twice`,
    ),
    ...unfinished.map((one) => `${one} was begun and is not through: kappa ingest files goes on with it`),
    wrongText(arrivals, unbalanced, sums),
  ].join('\n')
}

const wrongText = (arrivals: readonly Arrival[], unbalanced: readonly Unbalanced[], sums: string): string =>
  unbalanced.length === 0 && arrivals.every(({ equal }) => equal) ? sums : `${sums}: NOT IN BALANCE`

function landedText(landed: Landed | undefined): string {
  if (landed === undefined) return '-'
  if (landed.behind > 0) return `${landed.behind} to come`
  if (landed.found === undefined) return 'in'
  return landed.equal === false ? `${landed.found} of ${landed.expected}` : 'all'
}
