import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { chromiumNames } from '../chromium.ts'
import { givenServices, loadAddresses, repositoryRoot, variableNames } from '../config.ts'
import { partFile } from '../local/parts/part.ts'
import { brokerSettings } from '../local/services/brokerSettings.ts'
import { serviceNames } from '../local/services/index.ts'
import { temporaryFolder } from '../local/temporary.ts'

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }).loose(),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
})
const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8')
const compose = z
  .looseObject({ services: z.record(z.string(), serviceSchema), volumes: z.record(z.string(), z.null()) })
  .parse(parse(text, { merge: true }))
const services = Object.entries(compose.services)

/** The variables that the script really generates, by running it. */
function generated(file: string): Record<string, string> {
  execFileSync('sh', [join(repositoryRoot, 'deploy/docker/make-env.sh'), file], { stdio: 'pipe' })
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** `${NAME:?message}` → its value, as the engine would. */
const substitute = (value: string | number, values: Record<string, string>): string =>
  String(value).replace(/\$\{(\w+)[^}]*\}/g, (_, name: string) => {
    assert.ok(values[name], `${name} is used, but make-env.sh does not generate it`)
    return values[name]
  })

test('every part of the local stack is there, and Kappa itself', () => {
  assert.deepEqual(Object.keys(compose.services).sort(), [...serviceNames, 'kappa'].sort())
})

test('every service has a pinned image or a Dockerfile that exists, a health check and volumes that are declared', () => {
  for (const [name, { image, build, volumes }] of services) {
    if (build === undefined) assert.match(image ?? '', /^[\w./-]+:[\w.-]*\d[\w.-]*$/, name)
    else assert.ok(existsSync(join(repositoryRoot, build.dockerfile)), name)
    assert.ok(volumes.length > 0, `${name} keeps its data in a volume`)
    for (const volume of volumes) {
      const source = volume.split(':')[0] ?? ''
      const known = source.startsWith('./') ? existsSync(join(repositoryRoot, source)) : source in compose.volumes
      assert.ok(known, `${name}: ${volume}`)
    }
  }
})

test('nothing is published beyond this machine', () => {
  for (const [name, { ports }] of services) for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name)
})

test('Kappa waits until every part is healthy', () => {
  assert.deepEqual(Object.keys(compose.services.kappa?.depends_on ?? {}).sort(), [...serviceNames].sort())
})

test("Kappa's variables are those that deploy/config.ts knows, and together they give every address", (t) => {
  const file = join(temporaryFolder(t), '.env')
  const values = generated(file)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const own = Object.entries(compose.services.kappa?.environment ?? {})
  const environment = Object.fromEntries(own.map(([name, value]) => [name, substitute(value, values)]))
  const known: readonly string[] = variableNames
  for (const name of Object.keys(environment)) assert.ok(known.includes(name), `${name} is not a variable of Kappa's`)
  assert.deepEqual([...givenServices(environment).keys()].sort(), [...serviceNames].sort())
  const addresses = loadAddresses({ ...environment, KAPPA_DATA: join(file, 'nowhere') })
  assert.deepEqual(addresses.kafka.brokers, ['kafka:9092'])
  assert.equal(addresses.masterKey, values.KAPPA_MASTER_KEY)
  for (const { environment: parts } of Object.values(compose.services)) {
    for (const value of Object.values(parts)) substitute(value, values)
  }
})

test('credentials are fresh each time, and a file that exists is never overwritten', (t) => {
  const folder = temporaryFolder(t)
  const [first, second] = [generated(join(folder, 'a')), generated(join(folder, 'b'))]
  for (const [name, value] of Object.entries(first)) assert.notEqual(value, second[name], name)
  assert.throws(() => generated(join(folder, 'a')), { status: 2 })
})

test('no credential is written in the file', () => {
  for (const [name, { environment }] of services) {
    for (const [key, value] of Object.entries(environment)) {
      if (/PASSWORD|SECRET|MASTER|CREDENTIAL$|AUTH$/.test(key)) assert.match(String(value), /^\$\{/, `${name}: ${key}`)
    }
  }
})

test('the broker is set as the local one is', () => {
  const environment = compose.services.kafka?.environment ?? {}
  for (const [key, value] of Object.entries(brokerSettings)) {
    assert.equal(String(environment[`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`]), String(value), key)
  }
})

test('the images are of the versions that the local stack pins', () => {
  const images = { kafka: 'kafka', registry: 'registry', s3: 's3' } as const
  for (const [name, pom] of Object.entries(images)) {
    const version = /<version>(?!1<)([^<]+)</.exec(readFileSync(partFile(`${pom}.xml`), 'utf8'))?.[1] ?? 'no version'
    assert.ok(compose.services[name]?.image?.endsWith(version), `${name}: ${version}`)
  }
})

test('the image has the browser that reads web pages, under a name that it is looked for by', () => {
  const dockerfile = readFileSync(join(repositoryRoot, compose.services.kappa?.build?.dockerfile ?? ''), 'utf8')
  const [, stage = ''] = dockerfile.split(/^FROM .*-slim$/m)
  const installed = /apt-get install (.*?)&&/s.exec(stage)?.[1]?.split(/[\s\\]+/) ?? []
  // Debian's package chromium has /usr/bin/chromium; without fonts its screenshots have no text.
  for (const name of ['chromium', 'fonts-liberation']) assert.ok(installed.includes(name), `${name} of ${installed}`)
  assert.ok(chromiumNames.includes('chromium'))
})
