// npm run bench -- [--only country,user,…] [--runs 3] [--events 1000000] [--programs kappa-lean,flink,…] [--latency]
//                  [--commit MS] [--unpinned] [--processes N] [--profile] [--json FILE] [--list] [--help]

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Ground, openGround } from './ground.ts'
import { measureLatency } from './latency/measure.ts'
import { type LatencyRun, latencyRatios, latencyTable } from './latency/table.ts'
import { buildPeers } from './peers.ts'
import { type ProgramName, programNames } from './programs.ts'
import { type QueryName, queries, queryNames } from './queries.ts'
import { openRoom } from './room.ts'
import { type Run, ratios, table } from './table.ts'

const help = `Kappa beside Kafka Streams and Flink: the same query over the same topic on one broker, exactly once, in turns.

  npm run bench -- [options]

  --only NAMES      queries, separated by commas; all by default (--list); or visible: from an event to its row in
                    ClickHouse, at --rates (default 100,1000,10000), each for --seconds; or restore: how
                    fast Kappa reads --events entries of state back; or lookups: single rows and days of ClickHouse
                    and Redis
  --programs NAMES  ${programNames.join(', ')}; all by default
  --runs N          rounds; in each, every program has its turn (default 3)
  --events N        purchases, and for the join as many clicks (default 1000000)
  --latency         from an event to its result at fixed rates, rather than as fast as can be
  --rates NUMBERS   of --latency, events a second, rising (default 1000,10000,50000)
  --seconds N       of --latency, at each rate (default 20)
  --commit MS       commit or checkpoint interval of every engine (default 1000; with --latency 100)
  --unpinned        two threads and no pinning; by default one thread, the whole process on one core
  --processes N     so many processes of one thread share the work, unpinned (Flink: one process of N threads)
  --profile         where Kappa's main thread was, by self time (slows it: the figures of such a run do not count)
  --json FILE       every figure and ratio
  --list            what the queries are

  npm run bench -- --only country,user --runs 5 --json figures.json
  npm run bench -- --latency --programs kappa-lean,flink,kafka-streams --only user --runs 1`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    programs: { type: 'string' },
    runs: { type: 'string', default: '3' },
    events: { type: 'string', default: '1000000' },
    latency: { type: 'boolean', default: false },
    rates: { type: 'string', default: '1000,10000,50000' },
    seconds: { type: 'string', default: '20' },
    commit: { type: 'string' },
    unpinned: { type: 'boolean', default: false },
    processes: { type: 'string', default: '1' },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Ends with 2: it was asked for what there is not. */
function refuse(text: string): never {
  console.error(`${text}\n\n${help}`)
  process.exit(2)
}

function chosen<N extends string>(given: string | undefined, known: readonly N[]): readonly N[] {
  if (given === undefined) return known
  return given.split(',').map((name) => {
    const found = known.find((one) => one === name)
    return found ?? refuse(`there is no '${name}': ${known.join(', ')}`)
  })
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number <= 0) refuse(`--${name} takes whole numbers above 0`)
  return number
}

// The sinks have no peers beside them: a benchmark of its own.
if (values.only === 'visible') {
  const { measureVisible } = await import('./visible.ts')
  const rates = (values.rates === '1000,10000,50000' ? '100,1000,10000' : values.rates).split(',')
  const steps = await measureVisible(
    { rates: rates.map((rate) => positive('rates', rate)), seconds: positive('seconds', values.seconds) },
    console.log,
  )
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ visible: steps }, undefined, 2)}\n`)
  process.exit(0)
}

if (values.only === 'lookups') {
  await import('./lookups.ts')
  process.exit(0)
}

// In a process of its own, with the settings that workers have.
if (values.only === 'restore') {
  const told = [fileURLToPath(new URL('restore.ts', import.meta.url)), values.events, 'windows,sessions,keyed,seen']
  const flags = ['--max-semi-space-size=64', '--expose-gc', '--import', 'tsx']
  execFileSync(process.execPath, [...flags, ...told, ...(values.json === undefined ? [] : [values.json])], {
    stdio: 'inherit',
  })
  process.exit(0)
}

const processes = positive('processes', values.processes)
const options = {
  only: chosen<QueryName>(values.only, queryNames),
  programs: chosen<ProgramName>(values.programs, programNames).filter(
    (name) => !values.latency || !name.startsWith('raw-'),
  ),
  rounds: positive('runs', values.runs),
  events: positive('events', values.events),
  latency: values.latency,
  rates: values.rates.split(',').map((rate) => positive('rates', rate)),
  seconds: positive('seconds', values.seconds),
  commitMs: positive('commit', values.commit ?? (values.latency ? '100' : '1000')),
  pinned: !values.unpinned && processes === 1,
  processes,
  profile: values.profile,
  prompt: values.latency,
}
const tell = (line: string): void => console.log(line)

/** Every other round the other way round, so that no program always has the broker's caches warm. */
function* turns(): Generator<{ readonly round: number; readonly program: ProgramName }> {
  for (let round = 0; round < options.rounds; round++)
    for (const program of round % 2 === 0 ? options.programs : options.programs.toReversed()) yield { round, program }
}

async function throughput(ground: Ground): Promise<readonly Run[]> {
  const room = openRoom(ground, options.events, tell)
  const runs: Run[] = []
  for (const query of options.only) {
    tell(`\n${query}: ${queries[query].says}`)
    await room.fill(queries[query].sources)
    for (const { round, program } of turns()) {
      const run: Run = { query, program, round, ...(await room.run(query, program)) }
      runs.push(run)
      const told = run.void ?? `${Math.round(run.rate)} events/s`
      tell(`  round ${round + 1}, ${program}: ${told} (load ${run.load.toFixed(1)})`)
    }
    tell(`\n${table(runs.filter((run) => run.query === query))}`)
  }
  return runs
}

async function latency(ground: Ground): Promise<readonly LatencyRun[]> {
  const runs: LatencyRun[] = []
  for (const query of options.only) {
    tell(`\n${query}: ${queries[query].says}`)
    for (const { round, program } of turns()) {
      const run: LatencyRun = { round, ...(await measureLatency(ground, query, program, options)) }
      runs.push(run)
      const told = run.void ?? run.steps.map(({ rate, p99 }) => `p99 ${p99.toFixed(0)} ms at ${rate}/s`).join(', ')
      tell(`  round ${round + 1}, ${program}: ${told} (load ${run.load.toFixed(1)})`)
    }
    tell(`\n${latencyTable(runs.filter((run) => run.query === query))}`)
  }
  return runs
}

async function main(): Promise<void> {
  if (options.programs.some((name) => name === 'flink' || name === 'kafka-streams')) await buildPeers(tell)
  const ground = await openGround(options, tell)
  // The broker is a process of its own: it must not outlive a run that was broken off.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      await ground.close()
      process.exit(130)
    })
  let found: object
  try {
    if (options.latency) {
      const latencies = await latency(ground)
      found = { latencies, ratios: latencyRatios(latencies) }
    } else {
      const runs = await throughput(ground)
      found = { runs, ratios: ratios(runs) }
    }
  } finally {
    await ground.close()
  }
  if (values.json === undefined) return
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryGigabytes: Math.round(totalmem() / 2 ** 30) }
  const figures = { at: new Date().toISOString(), machine, load: loadavg(), node: process.version, options, ...found }
  writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)
}

if (values.help) console.log(help)
else if (values.list) for (const name of queryNames) console.log(`${name.padEnd(10)}${queries[name].says}`)
else await main()
