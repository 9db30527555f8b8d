import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openSealed, sealText } from '#engine/governance'
import type { Clock } from '#engine/time'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { connect } from './connection.ts'
import { redisKeyVault } from './keyVault.ts'

const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-vault-'))
const key = Buffer.alloc(32, 5).toString('base64')
let stack: RunningStack

before(async () => {
  stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['redis'] })
})
after(async () => {
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

const vaultOf = (more: { masterKey?: string; cacheMs?: number; clock?: Clock; url?: string } = {}) =>
  redisKeyVault({ url: stack.addresses.redis.url, masterKey: key, timeoutMs: 1_000, ...more })

test('vaults that meet a thousand subjects at the same moment agree on every secret', async () => {
  const vaults = [vaultOf(), vaultOf(), vaultOf()]
  const subjects = Array.from({ length: 1_000 }, (_, i) => `race-${i}`)
  const [first, ...others] = await Promise.all(vaults.map((vault) => vault.secrets([...subjects, ...subjects])))
  assert.equal(first?.size, 1_000)
  for (const other of others) assert.deepEqual(other, first)
  assert.equal(new Set([...(first?.values() ?? [])].map((secret) => secret?.sealKey.toString('hex'))).size, 1_000)
  await Promise.all(vaults.map((vault) => vault.close()))
})

test('secrets survive SIGKILL of Redis, and are away while it is down', async () => {
  const vault = vaultOf({ cacheMs: 0 })
  const before = await vault.secrets(['kill-1'])
  await stack.kill('redis', 'SIGKILL')
  const started = performance.now()
  await assert.rejects(vault.secrets(['kill-1']), { code: 'SERVICE_UNAVAILABLE', retriable: true })
  assert.ok(performance.now() - started < 3_000)
  await stack.start('redis')
  assert.deepEqual(await until(() => vault.secrets(['kill-1'])), before)
  await vault.close()
})

test('an erased subject gets no secret again, from any vault, and what it sealed stays shut', async () => {
  const [here, there] = [vaultOf(), vaultOf({ cacheMs: 0 })]
  const secret = (await here.secrets(['gone'])).get('gone') ?? assert.fail('no secret')
  const at = { topic: 't', field: 'f', subject: 'gone' }
  const sealed = sealText(secret, at, 'ada@example.org')
  await here.erase('gone')
  assert.equal((await here.secrets(['gone'])).get('gone'), null)
  assert.equal((await there.secrets(['gone', 'stays'])).get('gone'), null)
  const stays = (await there.secrets(['stays'])).get('stays') ?? assert.fail('no secret')
  assert.throws(() => openSealed(stays, at, sealed), { code: 'DECODE_FAILED' })
  await Promise.all([here.close(), there.close()])
})

test('what an erasure destroyed is in no file any more', async () => {
  const vault = vaultOf()
  await vault.secrets(['forgotten', 'remembered'])
  const [wrapped, other] = await Promise.all(['forgotten', 'remembered'].map(wrappedOf))
  assert.ok(inFiles(wrapped ?? '') && inFiles(other ?? ''), 'the search finds what is there')
  await vault.erase('forgotten')
  assert.ok(!inFiles(wrapped ?? '') && inFiles(other ?? ''))
  await vault.close()
})

test('a cached secret is asked for again once its time is over', async () => {
  let now = 0
  const clock: Clock = { now: () => now, sleep: async () => {} }
  const [cached, other] = [vaultOf({ clock, cacheMs: 30_000 }), vaultOf()]
  await cached.secrets(['brief'])
  await other.erase('brief')
  now = 29_999
  assert.notEqual((await cached.secrets(['brief'])).get('brief'), null)
  now = 30_000
  assert.equal((await cached.secrets(['brief'])).get('brief'), null)
  await Promise.all([cached.close(), other.close()])
})

test('Redis and its files hold wrapped secrets only; another master key opens none', async () => {
  const vault = vaultOf()
  const secret = (await vault.secrets(['wrapped'])).get('wrapped') ?? assert.fail('no secret')
  await vault.close()
  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const holding = (bytes: string | Buffer): number =>
    files.filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(bytes)).length
  assert.ok(holding('kappa:secret:wrapped') > 0, 'the search finds what is there')
  for (const part of [secret.sealKey, secret.pseudonymKey])
    for (const form of [
      part,
      part.toString('base64').slice(0, 42),
      part.toString('base64url').slice(0, 42),
      part.toString('hex'),
    ])
      assert.equal(holding(form), 0)
  const stranger = vaultOf({ masterKey: Buffer.alloc(32, 6).toString('base64') })
  await assert.rejects(stranger.secrets(['wrapped']), { code: 'STATE_MISMATCH', message: /master key/ })
  await stranger.close()
})

test('a wrong password is a matter of configuration; a silent server is away after the time-out', async () => {
  const { hostname, port } = new URL(stack.addresses.redis.url)
  const wrong = vaultOf({ url: `redis://:not-it@${hostname}:${port}` })
  await assert.rejects(wrong.secrets(['x']), { code: 'CONFIG_INVALID' })
  await wrong.close()
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  const vault = vaultOf({ url: `redis://127.0.0.1:${address.port}` })
  const started = performance.now()
  await assert.rejects(vault.secrets(['x']), { code: 'SERVICE_UNAVAILABLE', retriable: true })
  assert.ok(performance.now() - started < 3_000)
  await vault.close()
  silent.close()
})

async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries > 20) throw error
    }
  }
}

/** The bytes that Redis keeps of a subject's secret. */
async function wrappedOf(subject: string): Promise<string> {
  const redis = connect({ url: stack.addresses.redis.url })
  const [wrapped] = await redis.pipeline((commands) => commands.get(`kappa:secret:${subject}`))
  await redis.close()
  assert.ok(typeof wrapped === 'string' && wrapped.length > 20)
  return wrapped
}

const inFiles = (bytes: string): boolean =>
  readdirSync(dataFolder, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(bytes),
  )
