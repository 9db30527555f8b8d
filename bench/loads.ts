// Real data sets, whole, through `kappa import` to Kafka and through the sink to ClickHouse, on a stack of their own:
//   node --import tsx bench/loads.ts [offers us-flights promotions …] [--limit N]
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { tableOf } from '#engine/schema'
import { imports } from '../cli/commands/import/imports.ts'
import { type Installation, install } from '../tests/installation.ts'
import { giveUpAtSignals, good, perSecond, timed, untilDelivered } from './delivered.ts'

const help = `Imports data sets one after the other, each whole, while \`kappa sink run clickhouse\` takes what comes; then counts the rows.

  node --import tsx bench/loads.ts offers us-flights
  node --import tsx bench/loads.ts promotions --limit 2000000

Data sets: ${imports.map(({ name }) => name).join(', ')} (default: offers us-flights promotions).`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string' }, help: { type: 'boolean', default: false } },
})

interface Imported {
  readonly rows: number
  readonly seconds: number
  readonly tallies: Readonly<Record<string, { readonly written: number; readonly deadLettered: number }>>
}

/** A row for bench/RESULTS.md. */
async function load(kappa: Installation, name: string): Promise<string> {
  const known = imports.find((one) => one.name === name)
  if (known === undefined)
    throw new Error(`there is no data set '${name}': ${imports.map((one) => one.name).join(', ')}`)
  const part = values.limit !== undefined && known.inParts ? ['--limit', values.limit] : []
  const begun = performance.now()
  const [out, importSeconds] = await timed(() => good(kappa, 'import', name, ...part, '--late-ok', '--json'))
  const { rows, tallies } = JSON.parse(out) as Imported
  console.log(`${name}: ${rows} rows in Kafka after ${importSeconds.toFixed(1)} s`)
  const written = new Map(Object.entries(tallies).map(([topic, tally]) => [topic, tally.written]))
  await untilDelivered(kappa.stack, written, console.log)
  const seconds = (performance.now() - begun) / 1_000
  for (const topic of known.topics) {
    const { database, name: table, upserts } = tableOf(topic)
    const [[count] = []] = await kappa.rows<readonly [string]>(`SELECT toString(count()) FROM ${database}.${table}`)
    // upserts may have been merged already
    if (!upserts && Number(count) !== written.get(topic.name))
      throw new Error(`${topic.name}: ${written.get(topic.name)} written, ${count} in ClickHouse`)
  }
  const dead = Object.values(tallies).reduce((sum, tally) => sum + tally.deadLettered, 0)
  const toKafka = `${importSeconds.toFixed(0)} s, ${perSecond(rows, importSeconds)}`
  const toTables = `${seconds.toFixed(0)} s, ${perSecond(rows, seconds)}`
  const cells = [`\`kappa import ${[name, ...part].join(' ')}\``, rows.toLocaleString('en-US'), dead, toKafka, toTables]
  return `| ${[...cells, (loadavg()[0] ?? 0).toFixed(1)].join(' | ')} |`
}

async function main(): Promise<void> {
  await using kappa = await install()
  const release = giveUpAtSignals(kappa, [])
  try {
    await good(kappa, 'schemas', 'register')
    kappa.start('sink', 'run', 'clickhouse')
    console.log('| data set | rows | dead letters | into Kafka | in ClickHouse | load |\n|---|---|---|---|---|---|')
    for (const name of positionals.length > 0 ? positionals : ['offers', 'us-flights', 'promotions'])
      console.log(await load(kappa, name))
  } finally {
    release()
  }
}

if (values.help) console.log(help)
else await main()
