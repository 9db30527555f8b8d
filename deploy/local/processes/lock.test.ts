import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '#engine/time'
import { temporaryFolder } from '../temporary.ts'
import { withLock } from './lock.ts'

test('work under one lock never overlaps', async (t) => {
  const file = join(temporaryFolder(t), 'lock')
  let inside = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++inside)
    await systemClock.sleep(5)
    inside--
  }
  await Promise.all([1, 2, 3].map(() => withLock(file, work)))
  assert.equal(most, 1)
  assert.equal(existsSync(file), false)
})

test('the lock is given back when the work fails', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'lock')
  await assert.rejects(
    withLock(file, () => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  assert.equal(await withLock(file, async () => 'again'), 'again')
  assert.deepEqual(readdirSync(folder), [])
})

test('a lock left by a process that died is taken over', async (t) => {
  const file = join(temporaryFolder(t), 'lock')
  writeFileSync(file, `${process.pid} an-earlier-boot:1`)
  assert.equal(await withLock(file, async () => 'mine'), 'mine')
})
