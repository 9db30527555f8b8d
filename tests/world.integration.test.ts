import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableOf } from '#engine/schema'
import { domains, eventsOf, World, worldOptionsOf } from '../producers/world/index.ts'
import { routes } from '../sinks/routes.ts'
import { install, until } from './installation.ts'
import { checkLookedUp } from './looked-up.ts'
import { checkServed } from './served.ts'

const INCIDENT = 'quiet-night@2025-01-08T02:00Z+2h'
const FLAGS = {
  mode: 'batch',
  startDate: '2025-01-08',
  endDate: '2025-01-09',
  eventsPerDay: '3000',
  initialCustomers: '150',
  seed: '1',
}

/** What a batch holds, by topic, as the world says. */
function counted(): Map<string, number> {
  const options = worldOptionsOf({ ...FLAGS, incident: [INCIDENT], tables: true, to: 'kafka' })
  assert.equal(options.mode, 'batch')
  const counts = new Map<string, number>()
  for (const events of eventsOf(new World(options.settings), { ...options, domains }))
    for (const { topic } of events) counts.set(topic.name, (counts.get(topic.name) ?? 0) + 1)
  return counts
}

test('two days of every domain arrive once, through a kill, in Kafka and ClickHouse', {
  timeout: 600_000,
}, async () => {
  const expected = counted()
  for (const { topics } of domains) for (const { name } of topics) assert.ok(expected.get(name), `nothing on ${name}`)
  await using kappa = await install()
  const flags = Object.entries(FLAGS).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value,
  ])
  flags.push('--incident', INCIDENT)
  const registered = await kappa.run('schemas', 'register')
  assert.equal(registered.code, 0, registered.err)
  kappa.start('sink', 'run', 'clickhouse')
  kappa.start('run', 'processor', 'masked-customers', 'masked-clients')
  const killed = kappa.start('produce', 'all', ...flags)
  setTimeout(() => killed.child.kill('SIGKILL'), 2_500)
  await killed.ended

  const produced = await kappa.run('produce', 'all', ...flags, '--json')
  assert.equal(produced.code, 0, produced.err)
  const { tallies, rows } = JSON.parse(produced.out) as {
    tallies: Record<string, { written: number; deadLettered: number }>
    rows: number
  }
  const written = new Map(Object.entries(tallies).map(([name, { written }]) => [name, written]))
  assert.deepEqual(new Map([...written].sort()), new Map([...expected].sort()))
  assert.equal(
    rows,
    [...expected.values()].reduce((sum, count) => sum + count, 0),
  )
  assert.ok(Object.values(tallies).every(({ deadLettered }) => deadLettered === 0))

  const tables = new Map<string, number>()
  for (const { topic, clickhouse } of routes) {
    const source = topic.name.replace('.masked-', '.')
    const count = expected.get(source)
    if (!clickhouse || count === undefined) continue
    if (source !== topic.name && !/masked-(customers|clients)/.test(topic.name)) continue
    const { database, name } = tableOf(topic)
    tables.set(`${database}.${name}`, count)
  }
  const query = `SELECT database || '.' || name, toInt64(total_rows) FROM system.tables WHERE total_rows > 0`
  const found = await until(
    async () => {
      const there = new Map(await kappa.rows<[string, string]>(query).catch(() => []))
      return new Map([...tables.keys()].map((name) => [name, Number(there.get(name) ?? 0)]))
    },
    (there) => [...tables].every(([name, count]) => (there.get(name) ?? 0) >= count),
    180_000,
  )
  assert.deepEqual(found, tables)

  const again = await kappa.run('produce', 'all', ...flags)
  assert.match(again.out, /was produced before: nothing changed/)

  await checkServed(kappa, expected)
  await checkLookedUp(kappa)
})
