import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultPorts, ensureSettings, localAddresses, newClusterId, readSettings, settingsFile } from './settings.ts'
import { temporaryFolder } from './temporary.ts'

test('the first start generates credentials and a master key that only the owner can read', (t) => {
  const folder = temporaryFolder(t)
  assert.equal(readSettings(folder), undefined)
  assert.equal(localAddresses(folder), undefined)
  const settings = ensureSettings(folder)
  assert.deepEqual(settings.ports, defaultPorts)
  for (const file of [settingsFile(folder), join(folder, 'master.key')]) {
    assert.equal(statSync(file).mode & 0o777, 0o600, file)
  }
  const addresses = localAddresses(folder)
  assert.equal(Buffer.from(addresses?.masterKey ?? '', 'base64').length, 32)
  assert.equal(addresses?.redis.url, `redis://:${settings.redis.password}@127.0.0.1:16379`)
})

test('later starts keep what the first one generated', (t) => {
  const folder = temporaryFolder(t)
  const first = ensureSettings(folder)
  const key = localAddresses(folder)?.masterKey
  assert.deepEqual(ensureSettings(folder, { ...defaultPorts, kafka: 1 }), first)
  assert.equal(localAddresses(folder)?.masterKey, key)
})

test('two folders share no secret', (t) => {
  const secrets = [temporaryFolder(t), temporaryFolder(t)].map((folder) => {
    const { redis, s3, clickhouse, kafka } = ensureSettings(folder)
    const own = [redis.password, s3.secretAccessKey, clickhouse.password, clickhouse.reader.password, kafka.clusterId]
    return [...own, localAddresses(folder)?.masterKey]
  })
  assert.equal(new Set(secrets.flat()).size, 12)
})

test('a key that cannot be used is named with its file', (t) => {
  const folder = temporaryFolder(t)
  ensureSettings(folder)
  const good = JSON.parse(readFileSync(settingsFile(folder), 'utf8'))
  const cases: [unknown, RegExp][] = [
    [{ ...good, ports: { ...good.ports, redis: 70_000 } }, /config\.json: ports\.redis: /],
    [{ ...good, reids: {} }, /config\.json: .*reids/],
    [{ ...good, s3: { ...good.s3, bucket: undefined } }, /config\.json: s3\.bucket: /],
  ]
  for (const [value, message] of cases) {
    writeFileSync(settingsFile(folder), JSON.stringify(value))
    assert.throws(() => readSettings(folder), { code: 'CONFIG_INVALID', message })
  }
  writeFileSync(settingsFile(folder), '{')
  assert.throws(() => readSettings(folder), { code: 'CONFIG_INVALID', message: /config\.json/ })
})

test('no cluster id looks like a flag', () => {
  for (let i = 0; i < 2_000; i++) assert.match(newClusterId(), /^[A-Za-f][A-Za-z0-9_-]{21}$/)
})
