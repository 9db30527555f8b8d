// The API under load, on a stack of its own:
//   node --import tsx bench/api/run.ts [--rate 200] [--seconds 20] [--json FILE]
// Gold of a made-up year (tests/marts/raw.ts), the catalogue and a live timetable in it; `kappa api` in a process of its own; the
// load by autocannon, which counts from when a request was due (no coordinated omission).
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import autocannon from 'autocannon'
import { cacheFolder } from '../../deploy/config.ts'
import { startStack } from '../../deploy/local/index.ts'
import { ClickHouseWarehouse } from '../../sinks/clickhouse/index.ts'
import { marketingStatements } from '../../tests/marts/marketing-raw.ts'
import { rawRows, statementsOf } from '../../tests/marts/raw.ts'
import { recommendedOf, recommendedStatements } from '../../tests/marts/recommended.ts'
import { mixes } from './mixes.ts'

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
})
const [rate, seconds, connections] = [Number(values.rate), Number(values.seconds), Number(values.connections)]

const folder = mkdtempSync(join(tmpdir(), 'kappa-bench-api-'))
const entry = new URL('../../cli/kappa.mjs', import.meta.url).pathname
const kappa = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, KAPPA_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** What a command said, when it has ended well. */
async function said(...args: readonly string[]): Promise<string> {
  const child = kappa(...args)
  let text = ''
  child.stdout?.on('data', (piece: Buffer) => (text += piece))
  const [code] = (await once(child, 'close')) as [number]
  if (code !== 0) throw new Error(`kappa ${args.join(' ')} ended with ${code}: ${text}`)
  return text
}

const raw = rawRows()
const stack = await startStack({
  ...{ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free' },
  services: ['kafka', 'registry', 'clickhouse', 'redis'],
})
let api: ChildProcess | undefined
try {
  const warehouse = new ClickHouseWarehouse(stack.addresses.clickhouse)
  for (const statement of statementsOf(raw)) await warehouse.run(statement, 'filling')
  for await (const statement of marketingStatements(raw)) await warehouse.run(statement, 'filling')
  for (const statement of recommendedStatements(await recommendedOf(raw.lines)))
    await warehouse.run(statement, 'filling')
  const [{ rows: lines } = { rows: 0 }] = await warehouse.rows('SELECT count() AS rows FROM ventes.achats', 'counting')
  await said('marts', 'build', '--json')
  const known = await warehouse.rows('SELECT id_client FROM gold.dim_clients', 'looking for customers')
  await warehouse.close()
  const day = ['--start-date', '2025-01-01', '--end-date', '2025-01-01', '--events-per-day', '500']
  await said('produce', 'inventory', '--mode', 'batch', ...day)
  const token = (await said('api', 'token', 'create', '--scope', 'all')).trim()
  api = kappa('api', '--port', '0')
  const url = await addressOf(api)
  const headers = { authorization: `Bearer ${token}` }
  for (let tries = 0; (await fetch(`${url}/products`, { headers })).status !== 200; tries++) {
    if (tries > 100) throw new Error('the index of products is not filled')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  console.log(
    `${lines} purchase lines, ${known.length} customers; ${rate} requests/s for ${seconds} s over ${connections} connections`,
  )
  const found = []
  for (const { name, says, paths } of mixes(known.map(({ id_client }) => String(id_client)))) {
    const shoot = (duration: number) =>
      autocannon({
        ...{ url, connections, duration, overallRate: rate, headers, timeout: 10 },
        requests: [{ setupRequest: (request) => ({ ...request, path: paths() }) }],
      })
    await shoot(5)
    const { latency, requests, non2xx, errors, statusCodeStats } = await shoot(seconds)
    const load = loadavg()[0] ?? 0
    found.push({ name, says, latency, requests, non2xx, errors, load })
    console.log(
      `${name} (${says}): ${requests.average.toFixed(0)}/s, p50 ${latency.p50} ms, p97.5 ${latency.p97_5} ms, p99 ${latency.p99} ms, most ${latency.max} ms; ${errors} errors, statuses ${JSON.stringify(statusCodeStats)} (load ${load.toFixed(1)})`,
    )
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`)
} finally {
  if (api !== undefined && api.exitCode === null) {
    api.kill('SIGTERM')
    await once(api, 'close')
  }
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** From the line that `kappa api` logs when it serves. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece
      const url = /"url":"([^"]+)"/.exec(text)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.once('close', () => reject(new Error(`kappa api ended: ${text}`)))
  })
}
