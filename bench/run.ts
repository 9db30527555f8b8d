// npm run bench -- [--only country,user,session,join,mask] [--runs 3] [--events 1000000] [--programs kappa,flink,…]
//                  [--commit 1000] [--unpinned] [--profile] [--json FILE] [--list] [--help]

import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { buildPeers } from './peers.ts'
import { type ProgramName, programNames } from './programs.ts'
import { type QueryName, queries, queryNames } from './queries.ts'
import { openRoom } from './room.ts'
import { type Run, ratios, table } from './table.ts'

const help = `Kappa beside Kafka Streams and Flink: the same query over the same topic on one broker, exactly once, in turns.

  npm run bench -- [options]

  --only NAMES      queries, separated by commas; all by default (--list)
  --programs NAMES  ${programNames.join(', ')}; all by default
  --runs N          rounds; in each, every program has its turn (default 3)
  --events N        purchases, and for the join as many clicks (default 1000000)
  --commit MS       commit or checkpoint interval of every engine (default 1000)
  --unpinned        two threads and no pinning; by default one thread, the whole process on one core
  --profile         where Kappa's main thread was, by self time (slows it: the figures of such a run do not count)
  --json FILE       every figure and ratio
  --list            what the queries are`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    programs: { type: 'string' },
    runs: { type: 'string', default: '3' },
    events: { type: 'string', default: '1000000' },
    commit: { type: 'string', default: '1000' },
    unpinned: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function chosen<N extends string>(given: string | undefined, known: readonly N[]): readonly N[] {
  if (given === undefined) return known
  return given.split(',').map((name) => {
    const found = known.find((one) => one === name)
    if (found === undefined) throw new Error(`there is no '${name}': ${known.join(', ')}`)
    return found
  })
}

function positive(name: 'runs' | 'events' | 'commit'): number {
  const number = Number(values[name])
  if (!Number.isInteger(number) || number <= 0) throw new Error(`--${name} takes a whole number above 0`)
  return number
}

async function main(): Promise<void> {
  const only = chosen<QueryName>(values.only, queryNames)
  const programs = chosen<ProgramName>(values.programs, programNames)
  const rounds = positive('runs')
  const options = {
    events: positive('events'),
    commitMs: positive('commit'),
    pinned: !values.unpinned,
    profile: values.profile,
  }
  const tell = (line: string) => console.log(line)
  if (programs.some((name) => name.startsWith('flink') || name.startsWith('kafka-streams'))) await buildPeers(tell)
  const room = await openRoom(options, tell)
  const runs: Run[] = []
  // The broker is a process of its own: it must not outlive a run that was broken off.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      await room.close()
      process.exit(130)
    })
  try {
    for (const query of only) {
      tell(`\n${query}: ${queries[query].says}`)
      await room.fill(queries[query].sources)
      for (let round = 0; round < rounds; round++)
        // Every other round the other way round, so that no program always has the broker's caches warm.
        for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
          const run: Run = { query, program, round, ...(await room.run(query, program)) }
          runs.push(run)
          tell(
            `  round ${round + 1}, ${program}: ${run.void ?? `${Math.round(run.rate)} events/s`} (load ${run.load.toFixed(1)})`,
          )
        }
      tell(`\n${table(runs.filter((run) => run.query === query))}`)
    }
  } finally {
    await room.close()
  }
  if (values.json === undefined) return
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryGigabytes: Math.round(totalmem() / 2 ** 30) }
  const figures = {
    at: new Date().toISOString(),
    machine,
    load: loadavg(),
    node: process.version,
    options,
    rounds,
    runs,
  }
  writeFileSync(values.json, `${JSON.stringify({ ...figures, ratios: ratios(runs) }, undefined, 2)}\n`)
}

if (values.help) console.log(help)
else if (values.list) for (const name of queryNames) console.log(`${name.padEnd(10)}${queries[name].says}`)
else await main()
