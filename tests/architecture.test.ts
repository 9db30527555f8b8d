import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

/** The import rules of docs/ARCHITECTURE.md, checked over every source file. */
const root = resolve(import.meta.dirname, '..')

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sourceFiles(path)
    else if (entry.name.endsWith('.ts')) yield relative(root, path)
  }
}

const isTest = (file: string): boolean =>
  /\.test\.ts$|\/testing\/|-fixture\.ts$/.test(file) || file.startsWith('tests/') || file.startsWith('bench/')
const sources = [...sourceFiles(root)].filter((file) => !isTest(file))
const codeOf = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Where an import leads: a path of the house, or a package name. */
function targetsOf(file: string): string[] {
  const specifiers = [
    ...codeOf(file).matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ]
  return specifiers.map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    if (specifier === '#engine') return 'engine/index.ts'
    if (specifier === '#schemas') return 'schemas/generated/index.ts'
    if (specifier.startsWith('#engine/')) return `engine/${specifier.slice(8)}/index.ts`
    if (specifier.startsWith('.')) return relative(root, resolve(root, dirname(file), specifier))
    return specifier
  })
}

const topOf = (path: string): string => path.split('/')[0] ?? ''
const OURS = new Set([
  'engine',
  'schemas',
  'producers',
  'processors',
  'sinks',
  'api',
  'cli',
  'deploy',
  'marts',
  'models',
  'bench',
  'tests',
])

const MAY_IMPORT: Record<string, readonly string[]> = {
  engine: ['engine'],
  schemas: ['schemas', 'engine/schema'],
  producers: ['producers', 'engine', 'schemas'],
  processors: ['processors', 'engine', 'schemas'],
  sinks: ['sinks', 'engine', 'schemas'],
  models: ['models', 'engine', 'schemas'],
  marts: ['marts', 'engine/errors', 'engine/time', 'engine/schema', 'schemas'],
  deploy: ['deploy', 'engine/errors', 'engine/time'],
  api: ['api', 'deploy', 'engine', 'schemas', 'producers', 'processors', 'sinks', 'marts'],
  cli: ['cli', 'api', 'deploy', 'engine', 'schemas', 'producers', 'processors', 'sinks', 'marts', 'models'],
}

test('folders import only what the house allows', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const allowed = MAY_IMPORT[topOf(file)]
    if (!allowed) continue
    for (const target of targetsOf(file)) {
      if (!OURS.has(topOf(target))) continue
      if (!allowed.some((place) => target === place || target.startsWith(`${place}/`)))
        wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

/** Rooms of the engine in layers: a room imports rooms of lower layers and itself. */
const LAYER: Record<string, number> = {
  errors: 0,
  time: 1,
  schema: 2,
  topology: 3,
  governance: 4,
  state: 5,
  broker: 5,
  compile: 6,
  runtime: 7,
  ingest: 7,
  delivery: 7,
  schedule: 8,
  replay: 8,
  testing: 9,
}

test('rooms of the engine import only rooms below them', () => {
  const wrong: string[] = []
  for (const file of sources.filter((path) => path.startsWith('engine/'))) {
    const [, room = ''] = file.split('/')
    const layer = LAYER[room]
    if (layer === undefined) {
      if (file !== 'engine/index.ts') wrong.push(`${file} is in no known room`)
      continue
    }
    for (const target of targetsOf(file)) {
      if (!target.startsWith('engine/')) continue
      const other = target.split('/')[1] ?? ''
      if (other !== room && (LAYER[other] ?? 99) >= layer) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

const HOMES: Record<string, string> = {
  kafkajs: 'engine/broker/',
  'node-rdkafka': 'engine/broker/',
  'lz4-napi': 'engine/broker/',
  avsc: 'engine/schema/',
  lmdb: 'engine/state/',
  '@kafkajs/confluent-schema-registry': 'engine/schema/',
  '@clickhouse/client': 'sinks/clickhouse/',
  '@aws-sdk/client-s3': 'sinks/s3/',
  ioredis: 'sinks/redis/',
  chdb: 'deploy/local/clickhouse/',
  commander: 'cli/',
  fastify: 'api/',
  '@fastify/swagger': 'api/',
  '@fastify/swagger-ui': 'api/',
  '@uwdata/flechette': 'api/',
  minisearch: 'sinks/search/',
  croner: 'engine/time/',
  mysql2: 'producers/connectors/sql/',
  pg: 'producers/connectors/sql/',
  'playwright-core': 'producers/connectors/pages/',
}

test('every driver has one home', () => {
  const wrong: string[] = []
  for (const file of sources) {
    for (const target of targetsOf(file)) {
      const name = Object.keys(HOMES).find((driver) => target === driver || target.startsWith(`${driver}/`))
      if (name !== undefined && !file.startsWith(HOMES[name] ?? '')) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the environment is read in one file, the clock in one, the console in cli alone', () => {
  const wrong: string[] = []
  for (const file of sources) {
    const code = codeOf(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    if (/process\.env\b/.test(code) && file !== 'deploy/config.ts') wrong.push(`${file} reads process.env`)
    if (/\bDate\.now\(|new Date\(\)/.test(code) && file !== 'engine/time/clock.ts')
      wrong.push(`${file} reads the clock`)
    if (/\bconsole\.\w+\(/.test(code) && topOf(file) !== 'cli') wrong.push(`${file} writes to the console`)
  }
  assert.deepEqual(wrong, [])
})

test('no file has a name that says nothing', () => {
  const banned = /(^|\/)(utils?|helpers?|common|misc|manager|service|base)\.(ts|mjs)$/
  assert.deepEqual(
    [...sourceFiles(root)].filter((file) => banned.test(file)),
    [],
  )
})
