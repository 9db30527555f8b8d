import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { admin, reader, startServer } from '../../deploy/local/clickhouse/testing.ts'
import { pythonWithClient, run } from './python.ts'

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
