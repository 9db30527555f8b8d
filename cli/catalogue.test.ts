import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DEFAULT_MARTS_TIME_ZONE, repositoryRoot } from '../deploy/config.ts'
import { martsPart, readMarts } from '../marts/index.ts'
import { routes } from '../sinks/index.ts'
import { catalogueFile, type PartName, withPart } from './catalogue.ts'
import { declaredSources } from './commands/sources/index.ts'
import { resultsPart } from './commands/topology/results.ts'
import { trained } from './commands/train/trained.ts'
import { processors } from './processors.ts'

const page = readFileSync(catalogueFile, 'utf8')
const parts: Readonly<Record<PartName, () => string>> = {
  sources: declaredSources,
  results: () => resultsPart(processors, trained),
  marts: () => martsPart(readMarts(DEFAULT_MARTS_TIME_ZONE)),
}

for (const [name, text] of Object.entries(parts))
  test(`docs/catalogue.md has its ${name} as they are: kappa ${name === 'results' ? 'topology' : name} docs`, () => {
    assert.equal(page === withPart(page, name as PartName, text()), true)
  })

test('every table of ClickHouse and S3 is on the page, and every contract that it leads to is there', () => {
  const linked = new Set([...page.matchAll(/\[`([^`]+)`\]\((\.\.\/schemas\/[^)]+)\)/g)].map(([, topic = '']) => topic))
  const silent = routes.filter(({ topic }) => !linked.has(topic.name)).map(({ topic }) => topic.name)
  assert.deepEqual(silent, [])
  const files = [...page.matchAll(/\]\((\.\.\/schemas\/[^)]+)\)/g)].map(([, file = '']) => file)
  assert.deepEqual(
    files.filter((file) => !existsSync(join(repositoryRoot, 'docs', file))),
    [],
  )
})

test('every result has a chapter, but what sources bring as results', () => {
  const brought = ['ads.ad-spend.v1', 'inventory.stock-levels.v1']
  const results = routes.filter(({ topic }) => topic.contract.topic.kind === 'results').map(({ topic }) => topic.name)
  const without = results.filter((name) => !page.includes(`\n### ${name}\n`))
  assert.deepEqual(without.sort(), brought)
})

test('a part is replaced, what others wrote stays, and a new part comes before those that follow it', () => {
  const once = withPart('# Catalogue\n\nBy hand.\n', 'marts', 'first')
  const twice = withPart(`${once}\n## Below\n`, 'marts', 'second')
  assert.match(twice, /By hand\.[\s\S]*second[\s\S]*## Below/)
  assert.doesNotMatch(twice, /first/)
  const all = withPart(withPart(twice, 'results', 'the results'), 'sources', 'the sources')
  assert.match(all, /By hand\.[\s\S]*the sources[\s\S]*the results[\s\S]*second/)
  assert.equal(withPart(all, 'results', 'the results'), all)
  assert.match(withPart('', 'results', 'alone'), /^# Catalogue\n\n<!-- results: begin \(kappa topology docs\) -->/)
})
