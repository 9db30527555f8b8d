import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { blockingThreads, kafkaPatienceMs, loadAddresses } from './config.ts'
import { ensureSettings } from './local/settings.ts'
import { temporaryFolder } from './local/temporary.ts'

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const KEY = '-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n'

test('TLS and a login come from the environment; files are read', (t) => {
  const folder = temporaryFolder(t)
  ensureSettings(folder)
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const brokers = { KAPPA_DATA: folder, KAPPA_KAFKA_BROKERS: 'a.example:9093' }
  const login = {
    KAPPA_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAPPA_KAFKA_USERNAME: 'kappa',
    KAPPA_KAFKA_PASSWORD: 'secret',
  }
  const files = {
    KAPPA_KAFKA_CA_FILE: file('ca.pem', CERTIFICATE),
    KAPPA_KAFKA_CERTIFICATE_FILE: file('own.pem', CERTIFICATE),
    KAPPA_KAFKA_KEY_FILE: file('own.key', KEY),
  }
  assert.deepEqual(loadAddresses({ ...brokers, ...login, ...files, KAPPA_KAFKA_TLS: 'on' }).kafka, {
    brokers: ['a.example:9093'],
    tls: { ca: CERTIFICATE, cert: CERTIFICATE, key: KEY },
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'kappa', password: 'secret' },
  })
  assert.deepEqual(loadAddresses({ ...brokers, KAPPA_KAFKA_TLS: 'on' }).kafka.tls, {})
  assert.deepEqual(loadAddresses({ ...brokers, KAPPA_KAFKA_TLS: 'off' }).kafka, { brokers: ['a.example:9093'] })

  const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ KAPPA_KAFKA_TLS: 'yes' }, /KAPPA_KAFKA_TLS /],
    [{ ...login, KAPPA_KAFKA_SASL_MECHANISM: 'GSSAPI' }, /KAPPA_KAFKA_SASL_MECHANISM /],
    [{ KAPPA_KAFKA_USERNAME: 'kappa' }, /KAPPA_KAFKA_USERNAME is set, KAPPA_KAFKA_SASL_MECHANISM is not/],
    [{ ...login, KAPPA_KAFKA_PASSWORD: '' }, /KAPPA_KAFKA_PASSWORD is empty/],
    [{ KAPPA_KAFKA_CA_FILE: files.KAPPA_KAFKA_CA_FILE }, /KAPPA_KAFKA_CA_FILE is set, but KAPPA_KAFKA_TLS is not 'on'/],
    [
      { KAPPA_KAFKA_TLS: 'on', KAPPA_KAFKA_KEY_FILE: files.KAPPA_KAFKA_KEY_FILE },
      /KAPPA_KAFKA_KEY_FILE is set, KAPPA_KAFKA_CERTIFICATE_FILE is not/,
    ],
    [{ KAPPA_KAFKA_TLS: 'on', KAPPA_KAFKA_CA_FILE: join(folder, 'none.pem') }, /KAPPA_KAFKA_CA_FILE: ENOENT/],
    [
      { KAPPA_KAFKA_TLS: 'on', KAPPA_KAFKA_CA_FILE: files.KAPPA_KAFKA_KEY_FILE },
      /KAPPA_KAFKA_CA_FILE holds no certificate in PEM/,
    ],
  ]
  for (const [given, message] of wrong)
    assert.throws(() => loadAddresses({ ...brokers, ...given }), { code: 'CONFIG_INVALID', message })
  assert.throws(() => loadAddresses({ KAPPA_DATA: folder, ...login }), {
    message: /KAPPA_KAFKA_SASL_MECHANISM is set, KAPPA_KAFKA_BROKERS is not/,
  })
})

test('how many threads may block', () => {
  const threads = [undefined, '64', 'many', '-1', '99999'].map((size) =>
    blockingThreads(size === undefined ? {} : { UV_THREADPOOL_SIZE: size }),
  )
  assert.deepEqual(threads, [4, 64, 4, 4, 1_024])
})

test('how long Kafka is waited for', () => {
  assert.equal(kafkaPatienceMs({}), 60_000)
  assert.equal(kafkaPatienceMs({ KAPPA_KAFKA_PATIENCE_SECONDS: '5' }), 5_000)
  assert.throws(() => kafkaPatienceMs({ KAPPA_KAFKA_PATIENCE_SECONDS: 'long' }), {
    code: 'CONFIG_INVALID',
    message: /KAPPA_KAFKA_PATIENCE_SECONDS is not a whole number of seconds/,
  })
})
