// How long a task stands still when its worker is killed: the group's part and ours, with standbys and without.
//   node --import tsx bench/take-over.ts [--entries 400000] [--kills 6] [--standbys 0,1] [--session 2000] [--commit 100]
//                                        [--rate 500] [--json FILE]
// Starts a Kafka of its own on free ports, and removes it; two worker processes share four tasks and are killed in turn.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaBroker } from '#engine/broker'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import { measureTakeOvers, type TakeOver } from './take-over/measure.ts'

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '400000' },
    kills: { type: 'string', default: '6' },
    standbys: { type: 'string', default: '0,1' },
    session: { type: 'string', default: '2000' },
    commit: { type: 'string', default: '100' },
    rate: { type: 'string', default: '500' },
    json: { type: 'string' },
  },
})

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
const spread = (rows: readonly TakeOver[], of: (row: TakeOver) => number): string => {
  const all = rows.map(of)
  return `${Math.round(median(all))} (${Math.round(Math.min(...all))}–${Math.round(Math.max(...all))})`
}

const folder = mkdtempSync(join(tmpdir(), 'kappa-take-over-'))
const results: { standbys: number; rows: readonly TakeOver[] }[] = []
for (const standbys of values.standbys.split(',').map(Number)) {
  const dataFolder = join(folder, String(standbys))
  const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  const { brokers } = stack.addresses.kafka
  const broker = kafkaBroker({ brokers })
  try {
    const rows = await measureTakeOvers({
      ...{ broker, brokers, standbys, app: 'bench-take-over' },
      ...{ entries: Number(values.entries), kills: Number(values.kills), sessionMs: Number(values.session) },
      ...{ commitMs: Number(values.commit), eventsPerSecond: Number(values.rate) },
      tell: (line) => console.log(line),
    })
    results.push({ standbys, rows })
  } finally {
    await broker.close()
    await stack.stop()
  }
}
rmSync(folder, { recursive: true, force: true })

console.log(`\nload ${loadavg()[0]?.toFixed(1)}; milliseconds, median (least–most)`)
console.log(
  '| standbys | SIGKILL to assignment | assignment to state | assignment to first commit | entries a task | warm |',
)
console.log('|---|---|---|---|---|---|')
for (const { standbys, rows } of results) {
  const figures = [
    ({ missed }) => missed,
    ({ restored }) => restored,
    ({ committed }) => committed,
  ] as const satisfies readonly ((row: TakeOver) => number)[]
  const cells = figures.map((of) => spread(rows, of))
  const warm = `${rows.filter((row) => row.warm).length} of ${rows.length}`
  console.log(
    `| ${standbys} | ${cells.join(' | ')} | ${Math.round(median(rows.map(({ entries }) => entries)))} | ${warm} |`,
  )
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
