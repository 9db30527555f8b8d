import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examine, memory, nodeVersion } from './doctor.ts'
import { temporaryFolder } from './temporary.ts'

test('versions of Node', () => {
  for (const version of ['20.19.0', '20.20.2', '22.1.0', '24.0.1']) assert.equal(nodeVersion(version).state, 'good')
  for (const version of ['18.20.0', '20.18.9']) assert.equal(nodeVersion(version).state, 'broken')
})

test('memory', () => {
  assert.deepEqual(
    [8e9, 2e9, 0.5e9].map((available) => memory(available, 16e9).state),
    ['good', 'poor', 'broken'],
  )
})

test('an untouched machine: every bad finding carries advice, and looking leaves nothing behind', async (t) => {
  const folders = { dataFolder: temporaryFolder(t), cacheFolder: temporaryFolder(t) }
  const given = new Map([['kafka', ['127.0.0.1:1']] as const])
  const findings = await examine(folders, given)
  for (const { what, state, advice } of findings) assert.ok(state === 'good' || advice !== undefined, what)
  const named = findings.map(({ what }) => what)
  for (const what of ['node', 'java', 'mvn', 'memory', 'open files', 'redis']) assert.ok(named.includes(what), what)
  assert.equal(named.includes('port 19092'), false, 'the port of a given service is not ours')
  const kafka = findings.find(({ what }) => what === 'kafka')
  assert.equal(kafka?.state, 'broken')
  assert.match(kafka?.detail ?? '', /127\.0\.0\.1:1: connect ECONNREFUSED/)
})
