import { parseArgs } from 'node:util'
import { reasonOf } from '#engine/errors'
import { type StoreName, storeNames } from '../script.ts'
import { type OutageResult, outage } from './outage.ts'

const help = `npm run outage -- [options]

Both sinks run as processes on a real stack of their own under steady load. One store is killed and stays away; then it is
started again, and nothing else is touched. Nothing may be lost or doubled (rows counted, kappa verify --deep), the sink's
memory stays bounded, the other sink goes on, and it recovers by itself.

Options
  --store NAME       clickhouse (default), s3, or both, one after the other
  --seconds N        how long it is away; 60 by default
  --rate N           events a second; 3000 by default
  --memory MB        what a sink may hold (kappa sink run --memory); 64 by default
  --json             the results as JSON
  --help

Exit codes: 0 as it must be · 1 not so · 2 usage. The row is for tests/crash-delivery/RESULTS.md.

Examples
  npm run outage -- --store s3
  npm run outage -- --store both --seconds 600
`

/** `npm run outage`: see the help. */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const asked = (() => {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      options: {
        store: text,
        seconds: text,
        rate: text,
        memory: text,
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) {
      say(help)
      process.exit(0)
    }
    const whole = (name: 'seconds' | 'rate' | 'memory', otherwise: number): number => {
      const given = values[name]
      if (given !== undefined && !/^[1-9]\d*$/.test(given))
        throw new Error(`--${name} '${given}' is no whole number above 0`)
      return given === undefined ? otherwise : Number(given)
    }
    const { store = 'clickhouse' } = values
    const stores: readonly StoreName[] = store === 'both' ? storeNames : storeNames.filter((name) => name === store)
    if (stores.length === 0) throw new Error(`--store '${store}' is not clickhouse, s3 or both`)
    return {
      stores,
      json: values.json === true,
      seconds: whole('seconds', 60),
      rate: whole('rate', 3_000),
      memory: whole('memory', 64),
    }
  } catch (thrown) {
    say(`${reasonOf(thrown)}\n\n${help}`)
    process.exit(2)
  }
})()

const { stores, json, ...options } = asked
const results: OutageResult[] = []
for (const store of stores) {
  const result = await outage({ ...options, store, say: json ? () => {} : say })
  results.push(result)
  if (!json) say(`${rowOf(result)}\n${result.problems.length === 0 ? 'as it must be' : result.problems.join('\n')}`)
}
if (json) say(JSON.stringify(results, undefined, 2))
process.exit(results.every(({ problems }) => problems.length === 0) ? 0 : 1)

function rowOf(result: OutageResult): string {
  const { store, seconds, rate, events, backlog, recoveredInSeconds, rssBefore, rssMost, memory, rows, distinct } =
    result
  const cells = [
    new Date().toISOString().slice(0, 10),
    store,
    `${seconds} s`,
    `${rate}/s`,
    events.toLocaleString('en'),
    backlog.toLocaleString('en'),
    `${recoveredInSeconds.toFixed(1)} s`,
    `${Math.round(rssBefore)} → ${Math.round(rssMost)} MB (--memory ${memory})`,
    String(events - rows),
    String(rows - distinct),
    String(result.differences),
  ]
  return `| ${cells.join(' | ')} |`
}
