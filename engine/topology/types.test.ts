import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../..')

test('the compiler accepts what authors may write and refuses what they may not', () => {
  const compiler = resolve(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '--noEmit', '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  })
  // Errors of other files are theirs to report.
  const own = stdout.split('\n').filter((line) => line.startsWith('engine/topology/'))
  assert.deepEqual(own, [])
})
