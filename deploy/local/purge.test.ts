import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { identityOf } from './processes/identity.ts'
import { launch } from './processes/launch.ts'
import { purgeable, purgeCache, purgeData } from './purge.ts'
import { ensureSettings } from './settings.ts'
import { temporaryFolder } from './temporary.ts'

test('a data folder is emptied, after what runs from it has ended', async (t) => {
  const folder = join(temporaryFolder(t), 'data')
  await purgeData(folder)
  ensureSettings(folder)
  const { pid } = await launch(folder, 'worker', process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  assert.ok(purgeable(folder).includes(join(folder, 'master.key')))
  await purgeData(folder)
  assert.equal(identityOf(pid), undefined)
  assert.equal(existsSync(folder), false)
})

test('a folder that is not ours is left alone', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'thesis.txt'), 'five years')
  await assert.rejects(purgeData(folder), { code: 'CONFIG_INVALID' })
  assert.throws(() => purgeCache(folder), { code: 'CONFIG_INVALID' })
  await assert.rejects(purgeData(homedir()), { code: 'CONFIG_INVALID' })
  ensureSettings(folder)
  mkdirSync(join(folder, '.git'))
  await assert.rejects(purgeData(folder), { code: 'CONFIG_INVALID' }, 'a repository')
  assert.ok(existsSync(join(folder, 'thesis.txt')))
})

test('a cache is known by its parts', (t) => {
  const folder = join(temporaryFolder(t), 'cache')
  purgeCache(folder)
  mkdirSync(join(folder, 'parts', 'kafka-1'), { recursive: true })
  purgeCache(folder)
  assert.equal(existsSync(folder), false)
})
