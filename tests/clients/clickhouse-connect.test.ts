import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'
import { admin, reader, startServer } from '../../deploy/local/clickhouse/testing.ts'

const run = promisify(execFile)
const client = 'clickhouse-connect==1.12.0'
/** Whatever pandas and pyarrow this machine's Python can have. */
const packages = [client, 'pandas>=2,<4', 'pyarrow>=17']

/** A Python with the client in it, made once in the cache. Fails where Python or pip cannot make it. */
async function pythonWithClient(): Promise<string> {
  const folder = join(cacheFolder(), 'clients', `python-${client.replace('==', '-')}`)
  const python = join(folder, 'bin', 'python')
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  mkdirSync(folder, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', folder])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  } catch (cause) {
    throw new Error('this test needs python3 with venv, and pip to install clickhouse-connect', { cause })
  }
  writeFileSync(complete, '')
  return python
}

test('clickhouse-connect asks, inserts data frames and streams, with every compression it knows', async () => {
  const python = await pythonWithClient()
  await using server = await startServer()
  const script = fileURLToPath(new URL('clickhouse_connect_trial.py', import.meta.url))
  const users = [admin.username, admin.password, reader.username, reader.password]
  const { stdout } = await run(python, [script, '127.0.0.1', String(server.port), ...users], { timeout: 120_000 })
  const { reader: looked, ...seen } = JSON.parse(stdout)
  assert.deepEqual(Object.keys(seen), ['False', 'True', 'lz4', 'zstd', 'gzip'])
  for (const [compression, answers] of Object.entries(seen)) {
    const expected = {
      written: [1, 100_000],
      rows: 100_002,
      sum: (100_002 * 100_003) / 2,
      first: ['ü', true, ['x', "y'"]],
      bound: ["x'y", 5],
      arrow: [100_002],
      streamed: 1_000_000,
      session: 7,
      errors: ['60', '395'],
    }
    assert.deepEqual(answers, expected, `compress=${compression}`)
  }
  assert.deepEqual(looked, { rows: 100_002, refused: ['164', '164', '497'] })
})
