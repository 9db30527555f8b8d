import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  appName,
  cacheFolder,
  dataFolder,
  type Environment,
  givenServices,
  javaCommand,
  loadAddresses,
  logLevel,
  processorsModule,
} from './config.ts'
import { ensureSettings, localAddresses } from './local/settings.ts'
import { temporaryFolder } from './local/temporary.ts'

const masterKey = randomBytes(32).toString('base64')

const complete: Environment = {
  KAPPA_DATA: '/nowhere/kappa',
  KAPPA_KAFKA_BROKERS: 'a.example:9092,b.example:9093',
  KAPPA_REGISTRY_URL: 'http://registry.example:8081/',
  KAPPA_CLICKHOUSE_URL: 'https://clickhouse.example',
  KAPPA_CLICKHOUSE_USERNAME: 'writer',
  KAPPA_CLICKHOUSE_PASSWORD: '',
  KAPPA_CLICKHOUSE_READER_USERNAME: 'reader',
  KAPPA_CLICKHOUSE_READER_PASSWORD: 'r',
  KAPPA_S3_ENDPOINT: 'http://s3.example:9000',
  KAPPA_S3_ACCESS_KEY_ID: 'id',
  KAPPA_S3_SECRET_ACCESS_KEY: 'secret',
  KAPPA_REDIS_URL: 'redis://:p@redis.example',
  KAPPA_MASTER_KEY: masterKey,
}

test('everything can be given by the environment, without a local stack', () => {
  assert.deepEqual(loadAddresses(complete), {
    kafka: { brokers: ['a.example:9092', 'b.example:9093'] },
    registry: { url: 'http://registry.example:8081' },
    clickhouse: {
      url: 'https://clickhouse.example',
      username: 'writer',
      password: '',
      reader: { username: 'reader', password: 'r' },
    },
    s3: {
      endpoint: 'http://s3.example:9000',
      region: 'us-east-1',
      bucket: 'kappa',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    },
    redis: { url: 'redis://:p@redis.example' },
    masterKey,
  })
})

test('the local stack is what is left, field by field', (t) => {
  const KAPPA_DATA = temporaryFolder(t)
  ensureSettings(KAPPA_DATA)
  const local = localAddresses(KAPPA_DATA)
  assert.ok(local)
  assert.deepEqual(loadAddresses({ KAPPA_DATA }), local)
  const overlaid = loadAddresses({ KAPPA_DATA, KAPPA_KAFKA_BROKERS: 'a.example:1', KAPPA_S3_BUCKET: 'other' })
  assert.deepEqual(overlaid, { ...local, kafka: { brokers: ['a.example:1'] }, s3: { ...local.s3, bucket: 'other' } })
})

test('a given service is never sent the credentials of the local one', (t) => {
  const KAPPA_DATA = temporaryFolder(t)
  ensureSettings(KAPPA_DATA)
  const cases = [
    [{ KAPPA_CLICKHOUSE_URL: 'http://c.example' }, 'KAPPA_CLICKHOUSE_USERNAME'],
    [{ KAPPA_S3_ENDPOINT: 'http://s.example' }, 'KAPPA_S3_ACCESS_KEY_ID'],
  ] as const
  for (const [given, missing] of cases) {
    assert.throws(() => loadAddresses({ KAPPA_DATA, ...given }), {
      code: 'CONFIG_INVALID',
      message: new RegExp(`${missing} is not set`),
    })
  }
})

test('without a stack and an address, the variable and `kappa up` are named', () => {
  const { KAPPA_REDIS_URL: _, ...rest } = complete
  assert.throws(() => loadAddresses(rest), {
    code: 'CONFIG_INVALID',
    message: /kappa up.*KAPPA|KAPPA_REDIS_URL.*kappa up/,
  })
})

test('a wrong value is refused and its variable named', () => {
  const wrong: Environment = {
    KAPPA_KAFKA_BROKERS: 'kafka.example',
    KAPPA_REGISTRY_URL: 'registry:8081',
    KAPPA_CLICKHOUSE_URL: 'tcp://c.example:9000',
    KAPPA_CLICKHOUSE_USERNAME: '',
    KAPPA_S3_ENDPOINT: '',
    KAPPA_S3_BUCKET: 'Not A Bucket',
    KAPPA_REDIS_URL: 'http://r.example',
    KAPPA_MASTER_KEY: randomBytes(16).toString('base64'),
  }
  for (const [name, value] of Object.entries(wrong)) {
    assert.throws(
      () => loadAddresses({ ...complete, [name]: value }),
      { code: 'CONFIG_INVALID', message: new RegExp(`^reading the environment: ${name} `) },
      name,
    )
  }
  assert.throws(() => appName({ KAPPA_APP: 'My App' }), { code: 'CONFIG_INVALID', message: /KAPPA_APP/ })
  assert.throws(() => processorsModule({ KAPPA_PROCESSORS: 'mine' }), {
    code: 'CONFIG_INVALID',
    message: /KAPPA_PROCESSORS/,
  })
  assert.throws(() => logLevel({ KAPPA_LOG_LEVEL: 'loud' }), { code: 'CONFIG_INVALID', message: /KAPPA_LOG_LEVEL/ })
  assert.throws(() => dataFolder({ KAPPA_DATA: '' }), { code: 'CONFIG_INVALID', message: /KAPPA_DATA/ })
})

test('defaults', () => {
  assert.equal(appName({}), 'kappa')
  assert.equal(logLevel({}), 'info')
  assert.equal(processorsModule({}), undefined)
  assert.match(dataFolder({}), /\.kappa$/)
  assert.ok(cacheFolder({}).endsWith(join('.cache', 'kappa')))
  assert.equal(javaCommand({}), 'java')
  assert.equal(javaCommand({ JAVA_HOME: '/jdk' }), join('/jdk', 'bin', 'java'))
})

test('the given services are known with host and port', () => {
  assert.deepEqual([...givenServices({})], [])
  assert.deepEqual(Object.fromEntries(givenServices(complete)), {
    kafka: ['a.example:9092', 'b.example:9093'],
    registry: ['registry.example:8081'],
    clickhouse: ['clickhouse.example:443'],
    s3: ['s3.example:9000'],
    redis: ['redis.example:6379'],
  })
})

test('a cluster of ClickHouse is named; shards need it', () => {
  const named = { ...complete, KAPPA_CLICKHOUSE_CLUSTER: 'main' }
  assert.deepEqual(loadAddresses(named).clickhouse.cluster, { name: 'main', sharded: false })
  assert.deepEqual(loadAddresses({ ...named, KAPPA_CLICKHOUSE_SHARDED: 'yes' }).clickhouse.cluster, {
    name: 'main',
    sharded: true,
  })
  assert.throws(() => loadAddresses({ ...complete, KAPPA_CLICKHOUSE_SHARDED: 'yes' }), /needs KAPPA_CLICKHOUSE_CLUSTER/)
})
