import { KappaError } from '#engine/errors'
import { newFolder, startServer, type TestServer } from './testing.ts'

/*
 * What the engine survives: SIGKILL at random moments while one client inserts blocks with tokens, one deletes by
 * mutation, and one exchanges two tables; then the folder is opened again and counted.
 *
 *   node --import tsx deploy/local/clickhouse/survival.ts [kills]
 */

/** Rows of a block; it lies in one partition, so it must be there whole or not at all. */
const blockRows = 500

/** What clients were told, over all lives of the process. */
interface Told {
  readonly acknowledged: Set<number>
  readonly sent: Set<number>
  readonly deleted: Set<number>
  readonly deleting: Set<number>
  exchanges: number
}

export interface Survival {
  readonly kills: number
  readonly insertsAcknowledged: number
  readonly insertsCutOff: number
  /** Of those cut off, the ones that were there whole after the reopening. */
  readonly cutOffButWhole: number
  readonly mutationsAcknowledged: number
  readonly mutationsCutOff: number
  readonly exchanges: number
  /** Blocks over four partitions of which some partitions were there and others not, until they were sent again. */
  readonly tornAcrossPartitions: number
  readonly retriesThatDoubled: number
  readonly failedReopenings: number
  readonly slowestReopeningMilliseconds: number
  /** Anything that must never be, in words. */
  readonly violations: readonly string[]
}

/** Kills `kills` times; `random` decides the moments. */
export async function survive(kills: number, random: () => number, report: (line: string) => void): Promise<Survival> {
  const folder = newFolder()
  const told: Told = { acknowledged: new Set(), sent: new Set(), deleted: new Set(), deleting: new Set(), exchanges: 0 }
  const violations: string[] = []
  let cutOff = 0
  let cutOffButWhole = 0
  let mutationsCutOff = 0
  let torn = 0
  let slowest = 0
  let server = await startServer(folder)
  await prepare(server)
  for (let kill = 1; kill <= kills; kill++) {
    const before = { ...counts(told) }
    await disturb(server, told, 300 + random() * 1_500)
    const begin = performance.now()
    try {
      server = await startServer(folder)
    } catch (cause) {
      throw new KappaError('STORE', `reopening after kill ${kill}`, { cause })
    }
    slowest = Math.max(slowest, performance.now() - begin)
    const open = [...told.sent].filter((block) => !told.acknowledged.has(block))
    const present = await blocks(server)
    torn += (await tornBlocks(server)).length
    cutOff += open.length
    cutOffButWhole += open.filter((block) => present.has(block)).length
    mutationsCutOff += [...told.deleting].filter((block) => !told.deleted.has(block)).length
    const wrong = await check(server, told, present)
    violations.push(...wrong.map((text) => `kill ${kill}: ${text}`))
    // A block that was cut off is sent again under its token, and one that was acknowledged is too: neither may double.
    const last = Math.max(...told.acknowledged)
    for (const block of [...open, last]) {
      await insert(server, block)
      await insertWide(server, block)
    }
    for (const block of open) told.acknowledged.add(block)
    const again = await check(server, told, await blocks(server))
    const still = await tornBlocks(server)
    if (still.length > 0) again.push(`blocks are torn or doubled across partitions: ${still}`)
    violations.push(...again.map((text) => `kill ${kill}, after the retry: ${text}`))
    const now = counts(told)
    report(
      `kill ${kill}: ${now.inserts - before.inserts} inserts, ${now.deletes - before.deletes} deletes, ${now.exchanges - before.exchanges} exchanges, ${open.length} inserts cut off, ${wrong.length + again.length} violations`,
    )
  }
  await server[Symbol.asyncDispose]()
  return {
    kills,
    insertsAcknowledged: told.acknowledged.size,
    insertsCutOff: cutOff,
    cutOffButWhole,
    tornAcrossPartitions: torn,
    mutationsAcknowledged: told.deleted.size,
    mutationsCutOff,
    exchanges: told.exchanges,
    retriesThatDoubled: violations.filter((text) => text.includes('after the retry')).length,
    failedReopenings: 0,
    slowestReopeningMilliseconds: Math.round(slowest),
    violations,
  }
}

const counts = (told: Told) => ({
  inserts: told.acknowledged.size,
  deletes: told.deleted.size,
  exchanges: told.exchanges,
})

async function prepare(server: TestServer): Promise<void> {
  await server.rows('CREATE DATABASE trial')
  await server.rows(`CREATE TABLE trial.t (block UInt64, row UInt64, text String) ENGINE = MergeTree
    PARTITION BY block % 4 ORDER BY (block, row) SETTINGS non_replicated_deduplication_window = 10000`)
  await server.rows(`CREATE TABLE trial.sums (block UInt64, n UInt64) ENGINE = SummingMergeTree
    ORDER BY block SETTINGS non_replicated_deduplication_window = 10000`)
  await server.rows(
    'CREATE MATERIALIZED VIEW trial.toSums TO trial.sums AS SELECT block, count() AS n FROM trial.t GROUP BY block',
  )
  await server.rows(`CREATE TABLE trial.wide (block UInt64, row UInt64) ENGINE = MergeTree
    PARTITION BY row % 4 ORDER BY (block, row) SETTINGS non_replicated_deduplication_window = 10000`)
  for (const name of ['old', 'new']) {
    await server.rows(`CREATE TABLE trial.${name} (value String) ENGINE = MergeTree ORDER BY value`)
    await server.rows(`INSERT INTO trial.${name} VALUES ('${name}')`)
  }
}

/** A block over four partitions: four parts, so the four are not one act. */
const insertWide = (server: TestServer, block: number) =>
  server.rows(`INSERT INTO trial.wide SELECT ${block}, number FROM numbers(${blockRows})`, {
    url: { insert_deduplication_token: `wide-${block}` },
  })

const tornBlocks = async (server: TestServer): Promise<string[]> => {
  const sql = `SELECT block FROM trial.wide GROUP BY block HAVING count() != ${blockRows} OR uniqExact(row) != ${blockRows}`
  return (await server.rows(sql)).split('\n').filter(Boolean)
}

const insert = (server: TestServer, block: number) =>
  server.rows('INSERT INTO trial.t FORMAT JSONCompactEachRow', {
    body: Array.from({ length: blockRows }, (_, row) => `[${block},${row},"${block}-${row}"]`).join('\n'),
    url: { insert_deduplication_token: `block-${block}`, deduplicate_blocks_in_dependent_materialized_views: '1' },
  })

/** Works on the server from three sides until it is killed. */
async function disturb(server: TestServer, told: Told, milliseconds: number): Promise<void> {
  let killed = false
  const until = async (step: () => Promise<void>) => {
    while (!killed) {
      try {
        await step()
      } catch (thrown) {
        if (!killed && !String(thrown).match(/fetch failed|ECONN|hang up|aborted/)) throw thrown
        return
      }
    }
  }
  let next = Math.max(0, ...told.sent) + 1
  let exchanged = 0
  const working = Promise.all([
    until(async () => {
      const block = next++
      told.sent.add(block)
      await insert(server, block)
      await insertWide(server, block)
      told.acknowledged.add(block)
    }),
    until(async () => {
      const victim = [...told.acknowledged].find((block) => block % 3 === 0 && !told.deleted.has(block))
      if (victim === undefined || victim > next - 5) return new Promise((resolve) => setTimeout(resolve, 10))
      told.deleting.add(victim)
      await server.rows(`ALTER TABLE trial.t DELETE WHERE block = ${victim}`, { url: { mutations_sync: '2' } })
      told.deleted.add(victim)
    }),
    until(async () => {
      await server.rows('EXCHANGE TABLES trial.old AND trial.new')
      exchanged++
    }),
  ])
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  killed = true
  await server.kill()
  await working
  told.exchanges += exchanged
}

const blocks = async (server: TestServer): Promise<Set<number>> =>
  new Set((await server.rows('SELECT DISTINCT block FROM trial.t')).split('\n').filter(Boolean).map(Number))

/** What contradicts what clients were told. */
async function check(server: TestServer, told: Told, present: ReadonlySet<number>): Promise<string[]> {
  const wrong: string[] = []
  const lost = [...told.acknowledged].filter((block) => !present.has(block) && !told.deleting.has(block))
  if (lost.length > 0) wrong.push(`acknowledged blocks are missing: ${lost}`)
  const undead = [...told.deleted].filter((block) => present.has(block))
  if (undead.length > 0) wrong.push(`deleted blocks are there: ${undead}`)
  const ragged = await server.rows(
    `SELECT block, count(), uniqExact(row) FROM trial.t GROUP BY block HAVING count() != ${blockRows} OR uniqExact(row) != ${blockRows}`,
  )
  if (ragged !== '') wrong.push(`blocks are there in part, or twice: ${ragged.trim()}`)
  const sums = await server.rows(`SELECT block, sum(n) FROM trial.sums GROUP BY block HAVING sum(n) != ${blockRows}`)
  if (sums !== '') wrong.push(`the view's table differs: ${sums.trim()}`)
  const summed = new Set((await server.rows('SELECT DISTINCT block FROM trial.sums')).split('\n').map(Number))
  const unsummed = [...told.acknowledged].filter((block) => !summed.has(block))
  if (unsummed.length > 0) wrong.push(`acknowledged blocks are missing in the view's table: ${unsummed}`)
  const pair = await server.rows(
    'SELECT arrayStringConcat(arraySort(groupArray(value))) FROM (SELECT value FROM trial.old UNION ALL SELECT value FROM trial.new)',
  )
  if (pair !== 'newold\n') wrong.push(`EXCHANGE left ${pair.trim()}`)
  const detached = await server.rows('SELECT count() FROM system.detached_parts')
  if (detached !== '0\n') wrong.push(`${detached.trim()} detached parts`)
  return wrong
}

if (process.argv[1]?.endsWith('survival.ts')) {
  const print = (line: string) => process.stdout.write(`${line}\n`)
  const result = await survive(Number(process.argv[2] ?? 20), Math.random, print)
  print(JSON.stringify(result, null, 2))
  process.exit(result.violations.length === 0 ? 0 : 1)
}
