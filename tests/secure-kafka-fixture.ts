import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from '../deploy/config.ts'
import { fetchPart } from '../deploy/local/parts/fetch.ts'
import { freePorts } from '../deploy/local/processes/ports.ts'
import { brokerSettings } from '../deploy/local/services/brokerSettings.ts'
import { java } from '../deploy/local/services/java.ts'
import { kafka } from '../deploy/local/services/kafka.ts'

const run = promisify(execFile)
const STORE = 'for-this-test-alone'
export const user = { username: 'alice', password: 'open-sesame' }

/** A broker of its own with two doors: one open, and one with TLS and SASL (PLAIN, SCRAM). */
export interface SecureKafka {
  readonly open: string
  readonly secured: string
  /** The certificate to trust, PEM. */
  readonly certificate: Buffer
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

export async function secureKafka(): Promise<SecureKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-secure-'))
  const { kafka: open, registry: secured, kafkaController: controller } = await freePorts()
  if (kafka.part === undefined) throw new Error('Kafka has no part')
  const jars = await fetchPart(cacheFolder(), kafka.part)
  const properties = join(folder, 'server.properties')
  const store = join(folder, 'broker.p12')
  const keytool = (...args: string[]) =>
    run('keytool', [...args, '-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', STORE])
  await keytool(
    '-genkeypair',
    '-keyalg',
    'EC',
    '-groupname',
    'secp256r1',
    '-dname',
    'CN=kafka',
    '-ext',
    'san=ip:127.0.0.1',
  )
  await keytool('-exportcert', '-rfc', '-file', join(folder, 'broker.pem'))
  writeFileSync(properties, settings({ folder, store, open, secured, controller }))
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${user.username},password=${user.password}]`,
  ])
  const format = java({
    heap: 128,
    run: { jars, main: 'kafka.tools.StorageTool' },
    args: ['format', '-t', 'c2VjdXJlLWthZmthLXRlcw', '-c', properties, ...scram],
  })
  await run(format.file, [...format.args]).catch((thrown: unknown) => {
    rmSync(folder, { recursive: true, force: true })
    throw thrown
  })
  let broker: ChildProcess | undefined
  const kafkaItself: SecureKafka = {
    open: `127.0.0.1:${open}`,
    secured: `127.0.0.1:${secured}`,
    certificate: readFileSync(join(folder, 'broker.pem')),
    async start() {
      const launch = java({ heap: 512, run: { jars, main: 'kafka.Kafka' }, args: [properties] })
      broker = spawn(launch.file, [...launch.args], { stdio: 'ignore' })
    },
    async kill() {
      if (!broker || broker.exitCode !== null || broker.signalCode !== null) return
      const ended = once(broker, 'exit')
      broker.kill('SIGKILL')
      await ended
    },
    async remove() {
      await kafkaItself.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await kafkaItself.start()
  return kafkaItself
}

function settings(of: { folder: string; store: string; open: number; secured: number; controller: number }): string {
  const host = '127.0.0.1'
  const listeners = `PLAINTEXT://${host}:${of.open},SASL_SSL://${host}:${of.secured}`
  const login = 'org.apache.kafka.common.security'
  const entries: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${of.controller}`,
    listeners: `${listeners},CONTROLLER://${host}:${of.controller}`,
    'advertised.listeners': listeners,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(of.folder, 'log'),
    ...brokerSettings,
    'ssl.keystore.location': of.store,
    'ssl.keystore.password': STORE,
    'ssl.keystore.type': 'PKCS12',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_${user.username}="${user.password}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
  }
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}
