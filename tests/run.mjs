#!/usr/bin/env node
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { run } from 'node:test'
// Runs every test with node's own runner, tells the ten slowest files, and closes with the one line `N passed, N failed`.
// Two files at a time; integration tests (*.integration.test.ts), which start services, one by one: two cores are all there is.
import { spec } from 'node:test/reporters'
import { translated } from '../cli/translated.mjs'

process.env.UV_THREADPOOL_SIZE ??= '128'
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
const root = new URL('..', import.meta.url).pathname
const wanted = process.argv.slice(2)

// Where Node cannot run TypeScript, tests run from the translation: the process of each file starts in half the time.
const home = process.features.typescript ? root : await translated(root)
const throughTsx = home === undefined ? ' --import=tsx' : ''
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/compiled')
process.env.NODE_OPTIONS =
  `${process.env.NODE_OPTIONS ?? ''} --disable-warning=TimeoutNegativeWarning --enable-source-maps${throughTsx}`.trim()
const runnable = (path) =>
  home === undefined || home === root ? path : join(home, relative(root, path)).replace(/\.ts$/, '.mjs')
const sourceOf = (path) => relative(home ?? root, path).replace(/\.mjs$/, '.ts')

function* testFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* testFiles(path)
    else if (entry.name.endsWith('.test.ts')) yield path
  }
}
const isIntegration = (path) => path.includes('.integration.test.')
const files = [...testFiles(root)]
  .filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)))
  .sort()
const groups = [
  { files: files.filter((path) => !isIntegration(path)).map(runnable), concurrency: 2 },
  { files: files.filter(isIntegration).map(runnable), concurrency: 1 },
]

let passed = 0
let failed = 0
let skipped = 0
const seconds = new Map()
for (const group of groups) {
  if (group.files.length === 0) continue
  const stream = run({ ...group, timeout: 900_000 })
  stream.on('test:pass', (event) => {
    if (event.details?.type === 'suite') return
    if (event.skip || event.todo) skipped++
    else passed++
  })
  stream.on('test:fail', (event) => {
    if (event.details?.type !== 'suite') failed++
  })
  // A file is a test too, of its own name.
  stream.on('test:complete', ({ name, file, details }) => {
    if (name === file) seconds.set(sourceOf(file), details.duration_ms / 1000)
  })
  const report = stream.compose(spec)
  report.pipe(process.stdout, { end: false })
  await new Promise((resolve) => report.on('end', resolve))
}
const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, 10)
process.stdout.write(
  `\nslowest files:\n${slowest.map(([file, took]) => `${took.toFixed(1).padStart(8)} s  ${file}\n`).join('')}`,
)
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)
