import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '#engine/time'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'

const entry = fileURLToPath(new URL('../../kappa.mjs', import.meta.url))

/** Services at a port where nobody is. */
const nowhere = {
  ...{
    KAPPA_KAFKA_BROKERS: '127.0.0.1:1',
    KAPPA_REGISTRY_URL: 'http://127.0.0.1:1',
    KAPPA_REDIS_URL: 'redis://127.0.0.1:1',
  },
  ...{ KAPPA_CLICKHOUSE_URL: 'http://127.0.0.1:1', KAPPA_CLICKHOUSE_USERNAME: 'x', KAPPA_CLICKHOUSE_PASSWORD: 'x' },
  ...{ KAPPA_CLICKHOUSE_READER_USERNAME: 'x', KAPPA_CLICKHOUSE_READER_PASSWORD: 'x' },
  ...{ KAPPA_S3_ENDPOINT: 'http://127.0.0.1:1', KAPPA_S3_ACCESS_KEY_ID: 'x', KAPPA_S3_SECRET_ACCESS_KEY: 'x' },
  KAPPA_MASTER_KEY: Buffer.alloc(32, 3).toString('base64'),
}

/** Starts the endpoint; resolves with its port. */
async function started(folder: string): Promise<{ child: ChildProcess; port: number; ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [entry, 'collect', '--port', '0'], {
    env: { ...process.env, ...nowhere, KAPPA_DATA: folder, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stderr?.on('data', (piece) => (text += piece))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.on('data', (piece) => {
      text += piece
      const found = /"port":(\d+)/.exec(text)
      if (found) resolve(Number(found[1]))
    })
    child.once('close', () => reject(new Error(text)))
  })
  return { child, port, ended }
}

async function send(port: number, names: readonly string[]): Promise<unknown> {
  const events = names.map((eventId) => ({
    type: 'search',
    eventId,
    occurredAt: systemClock.now(),
    query: 'q',
    results: 1,
  }))
  const context = { visitorId: 'v-1', sessionId: 's-1', country: 'FR', device: 'MOBILE' }
  const body = JSON.stringify({ context, events })
  const response = await fetch(`http://127.0.0.1:${port}/v1/events`, { method: 'POST', body })
  const { accepted, duplicates } = (await response.json()) as { accepted: number; duplicates: number }
  return [response.status, accepted, duplicates]
}

test('events are taken while nothing else is there, and what was answered outlives a kill', async (t) => {
  const folder = temporaryFolder(t)
  const first = await started(folder)
  t.after(() => first.child.kill('SIGKILL'))
  assert.deepEqual(await send(first.port, ['search-0001', 'search-0002']), [202, 2, 0])
  first.child.kill('SIGKILL')
  await first.ended
  const second = await started(folder)
  t.after(() => second.child.kill('SIGKILL'))
  assert.deepEqual(await send(second.port, ['search-0002', 'search-0003']), [202, 1, 1])
  const metrics = await (await fetch(`http://127.0.0.1:${second.port}/metrics`)).text()
  assert.ok(Number(/kappa_collect_spool_bytes (\d+)/.exec(metrics)?.[1]) > 500)
  second.child.kill('SIGTERM')
  assert.equal(await second.ended, 0)
})
