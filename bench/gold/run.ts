// The same gold table by pandas, by Spark with one and two workers, and by Kappa's replay in one and two processes:
//   node --import tsx bench/gold/run.ts [--runs 3] [--from 2017-01-01] [--to 2018-01-02] [--only pandas,spark-1] [--json FILE]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'
import { openDataSet } from '../../producers/connectors/dataset.ts'
import { completeJourney } from '../../producers/retail/index.ts'
import { type Installation, install } from '../../tests/installation.ts'
import { shown, spreadOf } from '../table.ts'
import { dayBefore, fill, halves, type Range, replayed } from './kappa.ts'
import { askPeer, pythonWithPeers } from './python.ts'
import { differences, type GoldRow } from './rows.ts'

const NAMES = ['pandas', 'spark-1', 'spark-2', 'kappa-1', 'kappa-2'] as const
type Name = (typeof NAMES)[number]

const help = `Revenue, lines and units per department and calendar day of the stores (New York), from the retailer's year: 1,469,307
purchase lines left-joined with 92,331 products, by several programs in turns. Their tables are compared row by row, to the
cent, with that of the first one; a program whose table differs has no figures.

  pandas    one process, one thread; reads the data set's Parquet files, writes one of them
  spark-N   local[N], N workers in one JVM; reads the same files, writes Parquet
  kappa-N   kappa replay run retail-revenue-per-day: reads the lines from Kafka, where kappa import has put them, publishes
            results exactly once and brings them to a table of ClickHouse. One replay is one process, there is no --parallel
            (decision 0016): kappa-2 are two replays side by side, each of half of the days

  --runs N      rounds; in each, every program has its turn, every other round the other way round (default: 3)
  --from DAY    default: 2017-01-01
  --to DAY      not included (default: 2018-01-02, the end of the data)
  --only NAMES  ${NAMES.join(',')} (default), or some of them
  --json FILE   every figure, machine and load

The data set comes through the package client into the cache, as kappa import has it; pandas and Spark into a Python of
their own there (some 450 MB, once; Java 17 or later is needed). Kappa's stack is its own, on 127.0.0.1, and is removed.

  node --import tsx bench/gold/run.ts
  node --import tsx bench/gold/run.ts --from 2017-06-01 --to 2017-06-15 --runs 1 --only pandas,kappa-1

Exit codes: 0 equal · 1 failure · 3 tables differ · 130 interrupted.`

interface Turn {
  readonly name: Name
  readonly round: number
  readonly rows: number
  readonly wholeSeconds: number
  readonly workSeconds: number
  readonly sessionSeconds?: number
  readonly cpuSeconds: number
  /** Of Kappa: by process. */
  readonly cpu?: Readonly<Record<string, number>>
  readonly version?: string
  readonly load: number
  /** Rows that are not as the first program has them; their number and some of them. */
  readonly differing: number
  readonly examples: readonly string[]
}

type Outcome = Omit<Turn, 'name' | 'round' | 'rows' | 'load' | 'differing' | 'examples'> & {
  readonly table: readonly GoldRow[]
}

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    from: { type: 'string', default: '2017-01-01' },
    to: { type: 'string', default: '2018-01-02' },
    only: { type: 'string', default: NAMES.join(',') },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** How each program has its turn. */
async function programs(
  names: readonly Name[],
  range: Range,
  kappa: Installation | undefined,
  scratch: string,
): Promise<(name: Name) => Promise<Outcome>> {
  const data = await openDataSet(cacheFolder(), completeJourney)
  const question = {
    ...{ transactions: data.path('transactions.parquet'), products: data.path('products.parquet') },
    ...{ from: range.from, to: dayBefore(range.to) },
  }
  const python = names.some((name) => !name.startsWith('kappa')) ? await pythonWithPeers(console.log) : ''
  if (kappa !== undefined) await fill(kappa, range, console.log)
  return async (name) => {
    if (name === 'kappa-1' || name === 'kappa-2') {
      if (kappa === undefined) throw new Error('there is no stack')
      const { rows, cpu, ...times } = await replayed(kappa, name === 'kappa-1' ? [range] : halves(range))
      return { ...times, cpu, cpuSeconds: Object.values(cpu).reduce((sum, one) => sum + one, 0), table: rows }
    }
    const script = name === 'pandas' ? 'with_pandas.py' : 'with_spark.py'
    const workers = name === 'pandas' ? {} : { workers: name === 'spark-1' ? 1 : 2 }
    const { rows, ...figures } = await askPeer(python, script, { ...question, ...workers }, scratch)
    return { ...figures, table: rows }
  }
}

/** Every other round the other way round, so that no program always has warm caches. */
function* turnsOf(names: readonly Name[], rounds: number): Generator<{ readonly round: number; readonly name: Name }> {
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) yield { round, name }
}

async function measure(names: readonly Name[], rounds: number, range: Range, kappa: Installation | undefined) {
  const scratch = mkdtempSync(join(tmpdir(), 'kappa-bench-gold-'))
  const remove = (): void => rmSync(scratch, { recursive: true, force: true })
  process.once('exit', remove)
  const turns: Turn[] = []
  let first: readonly GoldRow[] | undefined
  try {
    const run = await programs(names, range, kappa, scratch)
    for (const { round, name } of turnsOf(names, rounds)) {
      const load = loadavg()[0] ?? 0
      const { table, ...figures } = await run(name)
      first ??= table
      const found = differences(table, first)
      const turn = { name, round, rows: table.length, ...figures, load, differing: found.length }
      turns.push({ ...turn, examples: found.slice(0, 5) })
      console.log(
        `round ${round + 1}, ${name}: ${figures.wholeSeconds.toFixed(1)} s, ${table.length} rows, ${found.length} differ (load ${load.toFixed(1)})`,
      )
      for (const line of found.slice(0, 5)) console.log(`  ${line}`)
    }
  } finally {
    remove()
    process.removeListener('exit', remove)
  }
  return turns
}

const seconds = (n: number): string => n.toFixed(1)

/** Side by side, as Markdown: medians, least and most; above 1 the ratio says how many times as long it takes as the first. */
function tableOf(turns: readonly Turn[]): string {
  const own = (name: Name) => turns.filter((turn) => turn.name === name && turn.differing === 0)
  const names = NAMES.filter((name) => own(name).length > 0)
  const [first] = names
  const base = first === undefined ? Number.NaN : spreadOf(own(first).map(({ wholeSeconds }) => wholeSeconds)).median
  return [
    `| program | rows | whole command, s | its work, s | CPU s | × ${first} |`,
    '|---|---|---|---|---|---|',
    ...names.map((name) => {
      const of = (figure: (turn: Turn) => number): string => shown(spreadOf(own(name).map(figure)), seconds)
      const ratio = spreadOf(own(name).map(({ wholeSeconds }) => wholeSeconds)).median / base
      const { rows = 0, version, cpu } = own(name)[0] ?? {}
      const parts = Object.entries(cpu ?? {}).map(([part, one]) => `${part} ${seconds(one)}`)
      const cells = [
        version === undefined ? name : `${name} (${version})`,
        String(rows),
        of((turn) => turn.wholeSeconds),
        of((turn) => turn.workSeconds),
        `${of((turn) => turn.cpuSeconds)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`,
        ratio.toFixed(2),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ].join('\n')
}

async function main(): Promise<number> {
  const rounds = Number(values.runs)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--runs takes whole numbers above 0')
  const range = { from: values.from, to: values.to }
  for (const day of Object.values(range))
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day))) throw new Error(`${day} is not a day`)
  if (!(Date.parse(range.to) - Date.parse(range.from) >= 2 * 86_400_000)) throw new Error('two days at least')
  const names = values.only.split(',').map((name) => {
    const found = NAMES.find((one) => one === name)
    if (found === undefined) throw new Error(`there is no '${name}': ${NAMES.join(', ')}`)
    return found
  })
  const kappa = names.some((name) => name.startsWith('kappa')) ? await install() : undefined
  // Services are processes of their own: they must not outlive a run that was broken off.
  const giveUp = async (): Promise<void> => {
    await kappa?.[Symbol.asyncDispose]()
    process.exit(130)
  }
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp)
  let turns: readonly Turn[]
  try {
    turns = await measure(names, rounds, range, kappa)
  } finally {
    process.removeListener('SIGINT', giveUp).removeListener('SIGTERM', giveUp)
    await kappa?.[Symbol.asyncDispose]()
  }
  console.log(`\n${tableOf(turns)}`)
  if (values.json !== undefined) {
    const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryGigabytes: Math.round(totalmem() / 2 ** 30) }
    const figures = { at: new Date().toISOString(), machine, node: process.version, range, rounds, turns }
    writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)
  }
  return turns.every(({ differing }) => differing === 0) ? 0 : 3
}

if (values.help) console.log(help)
else process.exitCode = await main()
