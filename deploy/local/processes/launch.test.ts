import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock } from '#engine/time'
import { temporaryFolder } from '../temporary.ts'
import { commandOf, identityOf } from './identity.ts'
import { end, launch, logTail, signal } from './launch.ts'
import { livingProcess, recordedNames, writeRecord } from './record.ts'

const node = process.execPath
const forEver = 'setInterval(() => {}, 1000); console.log("began")'

/** Launches a script; it is gone after the test, whatever happens. */
async function started(t: TestContext, folder: string, script: string) {
  const record = await launch(folder, 'worker', node, ['-e', script])
  // By its identity: the folder with its record may be gone before.
  t.after(() => {
    if (identityOf(record.pid) === record.identity) signal(record.pid, 'SIGKILL')
  })
  while (!logTail(folder, 'worker').includes('began')) await systemClock.sleep(20)
  return record
}

test('a launched process is recorded, logged, and ended', async (t) => {
  const folder = temporaryFolder(t)
  const record = await started(t, folder, forEver)
  assert.deepEqual(livingProcess(folder, 'worker'), record)
  assert.deepEqual(recordedNames(folder), ['worker'])
  assert.match(commandOf(record.pid) ?? '', /setInterval/)
  assert.equal(await end(folder, 'worker', 5_000), 'stopped')
  assert.equal(identityOf(record.pid), undefined)
  assert.deepEqual(recordedNames(folder), [])
  assert.equal(await end(folder, 'worker', 5_000), undefined)
})

test('a process that ignores SIGTERM is killed when its time is up', async (t) => {
  const folder = temporaryFolder(t)
  const { pid } = await started(t, folder, `process.on('SIGTERM', () => {}); ${forEver}`)
  assert.equal(await end(folder, 'worker', 200), 'killed')
  assert.equal(identityOf(pid), undefined)
})

test('a process id that was given to somebody else since is never ended', async (t) => {
  const folder = temporaryFolder(t)
  const record = await started(t, folder, forEver)
  const other = temporaryFolder(t)
  // What a record looks like after the recorded process has died and its id was reused by this later process.
  writeRecord(other, 'kafka', {
    ...record,
    identity: record.identity.replace(/\d+$/, (tick) => String(Number(tick) - 7)),
  })
  assert.equal(livingProcess(other, 'kafka'), undefined)
  assert.equal(await end(other, 'kafka', 0), undefined)
  assert.equal(identityOf(record.pid), record.identity)
})

test('a record that cannot be read counts as none', (t) => {
  const folder = temporaryFolder(t)
  writeRecord(folder, 'kafka', { pid: -1, identity: 'x', startedAt: '' })
  assert.equal(livingProcess(folder, 'kafka'), undefined)
})

test('a program that is not there is told by name', async (t) => {
  const folder = temporaryFolder(t)
  await assert.rejects(launch(folder, 'kafka', '/no/such/java', []), {
    code: 'SERVICE_UNAVAILABLE',
    message: /starting kafka: .*\/no\/such\/java/,
  })
})
