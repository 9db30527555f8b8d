// A generated year through both of its ways, on stacks of their own:
//   node --import tsx bench/generated-year.ts [--events 10000000] [--domain all] [--ways kafka,files] [--keep FOLDER] [--json FILE]

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serviceNames } from '../deploy/local/index.ts'
import { processors } from '../processors/index.ts'
import { domainsOf, topicsOf } from '../producers/world/index.ts'
import { routes } from '../sinks/index.ts'
import { install } from '../tests/installation.ts'
import { CpuMeter, giveUpAtSignals, good, metered, perSecond, timed, untilDelivered } from './delivered.ts'
import { differenceOf, PROVENANCE, sumsOf, sumsQuery, type TableSums } from './year-tables.ts'

const help = `A generated year (2025, 27,400 events a day) through both of its ways, and whether ClickHouse has the same tables then.

  kafka   kappa produce DOMAIN --to kafka
  files   kappa produce DOMAIN --to files, then kappa ingest files
  either  masking processors and kappa sink run clickhouse run meanwhile

Each way has a stack of its own with the same key vault, so that pseudonyms are comparable. Compared are count and hashes of
every row and every column but ${PROVENANCE.join(', ')}; of upserts the latest rows.
Left out: electronics.*, which files alone have (they repeat facts of crm and shop).

  --events N     from the first of January on, about (default: 10000000, the year)
  --domain NAME  of kappa produce (default: all)
  --ways NAMES   kafka,files (default), or one of them: the other one in a run of its own with the same --keep
  --keep FOLDER  vault, figures and hashes of each way; they are compared once both are there
  --json FILE    every figure

  node --import tsx bench/generated-year.ts --events 200000
  node --import tsx bench/generated-year.ts --domain web --ways kafka --keep ./year-web
  node --import tsx bench/generated-year.ts --domain web --ways files --keep ./year-web

Exit codes: 0 equal, or one way alone · 1 failure · 3 tables differ.`

const EVENTS_PER_DAY = 27_400
const DAY_MS = 86_400_000
const FIRST = Date.UTC(2025, 0, 1)
const WAYS = ['kafka', 'files'] as const
type Way = (typeof WAYS)[number]

/** Folders of sources are named after domains, but for one. */
const sourceOf = (domain: string): string => (domain === 'ads' ? 'advertising' : domain)

interface Figures {
  readonly way: Way
  readonly domain: string
  readonly days: number
  /** Events that came to Kafka, by topic. */
  readonly events: Readonly<Record<string, number>>
  readonly eventsInAll: number
  readonly fileSeconds?: number
  /** Into Kafka: generated and produced, or taken out of files. */
  readonly loadSeconds: number
  /** From the start of that load until ClickHouse had every row. */
  readonly tablesSeconds: number
  readonly load: number
  /** CPU seconds of each process from the start of that load, by name. */
  readonly cpuSeconds: Readonly<Record<string, number>>
  readonly tables: Readonly<Record<string, TableSums>>
}

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    domain: { type: 'string', default: 'all' },
    ways: { type: 'string', default: WAYS.join(',') },
    keep: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const tell = (line: string): void => console.log(line)
/** `topic  12 written` and `topic  12 events`, as produce and ingest tell; a dead letter is a failure here. */
function countsOf(text: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const [, topic = '', count, dead] of text.matchAll(/^ {2}(\S+\.v\d+) +(\d+) (?:written|events)(, \d+ on)?/gm)) {
    if (dead !== undefined) throw new Error(`dead letters of ${topic}: ${text}`)
    counts[topic] = (counts[topic] ?? 0) + Number(count)
  }
  return counts
}

async function runWay(way: Way, domain: string, days: number, vault: string): Promise<Figures> {
  const domains = domainsOf(domain)
  const topics = new Set(topicsOf(domains).map(({ name }) => name))
  const landing = mkdtempSync(join(tmpdir(), 'kappa-year-'))
  const kappa = await install(existsSync(vault) ? vault : undefined)
  const release = giveUpAtSignals(kappa, [landing])
  try {
    await good(kappa, 'schemas', 'register')
    const last = new Date(FIRST + (days - 1) * DAY_MS).toISOString().slice(0, 10)
    const produce = ['produce', domain, '--mode', 'batch', '--start-date', '2025-01-01', '--end-date', last]
    produce.push('--events-per-day', String(EVENTS_PER_DAY))
    let fileSeconds: number | undefined
    if (way === 'files') {
      const [text, seconds] = await timed(() => good(kappa, ...produce, '--to', 'files', '--out', landing))
      fileSeconds = seconds
      tell(`files: ${text.trim().split('\n').at(-1)}`)
    }
    const masks = processors.filter(({ plan }) => plan.inputs.some(({ topic }) => topics.has(topic.name)))
    const names = masks.map(({ plan }) => plan.name).filter((name) => name.startsWith('masked-'))
    const meter = new CpuMeter()
    if (names.length > 0) meter.watch('masks', kappa.start('run', 'processor', ...names).child.pid)
    meter.watch('sink', kappa.start('sink', 'run', 'clickhouse').child.pid)
    for (const name of serviceNames) meter.watch(name, kappa.stack.pid(name))
    const begun = performance.now()
    const ingest = ['ingest', 'files', '--in', landing, ...domains.flatMap(({ name }) => ['--source', sourceOf(name)])]
    const [text, loadSeconds] = await timed(() => metered(kappa, meter, ...(way === 'files' ? ingest : produce)))
    const events = countsOf(text)
    const eventsInAll = Object.values(events).reduce((sum, count) => sum + count, 0)
    tell(
      `${way}: ${eventsInAll} events in Kafka in ${loadSeconds.toFixed(1)} s, ${perSecond(eventsInAll, loadSeconds)}`,
    )
    const wanted = routes.flatMap(({ topic, clickhouse }) => {
      const count = events[topic.name.replace('.masked-', '.')]
      return clickhouse && count !== undefined && count > 0 ? [{ topic, count }] : []
    })
    const told = new Set(wanted.map(({ topic }) => topic.name.replace('.masked-', '.')))
    const without = Object.keys(events).filter((name) => (events[name] ?? 0) > 0 && !told.has(name))
    if (without.length > 0) throw new Error(`no table has ${without.join(', ')}`)
    await untilDelivered(kappa.stack, new Map(wanted.map(({ topic, count }) => [topic.name, count])), tell)
    const cpuSeconds = meter.stop()
    const tablesSeconds = (performance.now() - begun) / 1_000
    tell(`${way}: in ClickHouse after ${tablesSeconds.toFixed(1)} s, ${perSecond(eventsInAll, tablesSeconds)}`)
    const [tables, hashSeconds] = await timed(async () => {
      const found: Record<string, TableSums> = {}
      for (const { topic } of wanted) {
        const [row = []] = await kappa.rows<readonly string[]>(sumsQuery(topic))
        found[topic.name] = sumsOf(topic, row)
      }
      return found
    })
    tell(`${way}: ${wanted.length} tables hashed in ${hashSeconds.toFixed(1)} s`)
    await kappa.stack.stop()
    mkdirSync(vault, { recursive: true })
    for (const name of ['master.key', 'redis']) cpSync(join(kappa.folder, name), join(vault, name), { recursive: true })
    const load = loadavg()[0] ?? 0
    const files = fileSeconds === undefined ? {} : { fileSeconds }
    return { way, domain, days, events, eventsInAll, ...files, loadSeconds, tablesSeconds, load, cpuSeconds, tables }
  } finally {
    release()
    await kappa[Symbol.asyncDispose]()
    rmSync(landing, { recursive: true, force: true })
  }
}

/** Tables that differ, a line each. */
function compare(one: Figures, other: Figures): readonly string[] {
  const names = [...new Set([...Object.keys(one.tables), ...Object.keys(other.tables)])].sort()
  return names.flatMap((name) => {
    const difference = differenceOf(one.tables[name], other.tables[name])
    return difference === undefined ? [] : [`${name} ${difference}`]
  })
}

async function main(): Promise<number> {
  const events = Number(values.events)
  if (!Number.isInteger(events) || events <= 0) throw new Error('--events takes a whole number above 0')
  const ways = values.ways.split(',').map((name) => {
    const way = WAYS.find((one) => one === name)
    if (way === undefined) throw new Error(`there is no way '${name}': ${WAYS.join(', ')}`)
    return way
  })
  const days = Math.min(365, Math.ceil(events / EVENTS_PER_DAY))
  const kept = values.keep ?? mkdtempSync(join(tmpdir(), 'kappa-year-kept-'))
  mkdirSync(kept, { recursive: true })
  const fileOf = (way: Way): string => join(kept, `${way}.json`)
  try {
    for (const way of ways) {
      const figures = await runWay(way, values.domain, days, join(kept, 'vault'))
      writeFileSync(fileOf(way), `${JSON.stringify(figures, undefined, 2)}\n`)
    }
    const found = WAYS.filter((way) => existsSync(fileOf(way))).map(
      (way) => JSON.parse(readFileSync(fileOf(way), 'utf8')) as Figures,
    )
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`)
    for (const one of found) tell(tableRow(one))
    const [first, second] = found
    if (first === undefined || second === undefined) return 0
    const differing = compare(first, second)
    for (const line of differing) tell(`DIFFERENT: ${line}`)
    const rows = Object.values(first.tables).reduce((sum, table) => sum + table.rows, 0)
    if (differing.length === 0) tell(`equal: ${Object.keys(first.tables).length} tables, ${rows} rows`)
    return differing.length === 0 ? 0 : 3
  } finally {
    if (values.keep === undefined) rmSync(kept, { recursive: true, force: true })
  }
}

const tableRow = ({
  way,
  domain,
  days,
  eventsInAll,
  fileSeconds,
  loadSeconds,
  tablesSeconds,
  cpuSeconds,
  load,
}: Figures) =>
  `| ${[
    `${domain}, ${days} days`,
    way,
    eventsInAll.toLocaleString('en-US'),
    fileSeconds === undefined ? '' : `${fileSeconds.toFixed(0)} s`,
    `${loadSeconds.toFixed(0)} s, ${perSecond(eventsInAll, loadSeconds)}`,
    `${tablesSeconds.toFixed(0)} s, ${perSecond(eventsInAll, tablesSeconds)}`,
    Object.entries(cpuSeconds)
      .map(([name, seconds]) => `${name} ${((seconds * 1e6) / eventsInAll).toFixed(1)}`)
      .join(', '),
    load.toFixed(1),
  ].join(' | ')} |`

if (values.help) tell(help)
else process.exitCode = await main()
