import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { erdMermaid, graphMermaid, readMarts, withMarts } from './index.ts'
import { martNamed, martText, reading } from './mart-fixture.ts'

test('relationships are drawn from the one to the many, with keys', () => {
  const many = martNamed('many', martText({ column: ', references: one.id' }))
  const one = martNamed('one', martText({ column: ', unique: true' }))
  assert.deepEqual(erdMermaid([one, many, reading('alone')]).split('\n'), [
    'erDiagram',
    '  one ||--o{ many : id',
    '  one {',
    '    UInt8 id PK',
    '  }',
    '  many {',
    '    UInt8 id FK',
    '  }',
  ])
})

test('the graph begins at tables of results', () => {
  const first = martNamed('first', martText({ sql: 'SELECT 1 AS id FROM ventes.achats' }))
  assert.deepEqual(graphMermaid([first, reading('second', 'first')]).split('\n'), [
    'flowchart LR',
    '  ventes_achats["ventes.achats"] --> first',
    '  first --> second',
  ])
})

test('the part about marts is replaced, and what others wrote stays', () => {
  const once = withMarts('# Catalogue\n\n## Topics\n', [reading('first')])
  const page = `${once}\n## Below\n`
  const twice = withMarts(page, [reading('second')])
  assert.match(once, /## Topics[\s\S]*gold\.first/)
  assert.match(twice, /## Topics[\s\S]*gold\.second[\s\S]*## Below/)
  assert.doesNotMatch(twice, /gold\.first/)
})

test('docs/catalogue.md is as marts/ says: kappa marts docs', () => {
  const page = readFileSync(new URL('../docs/catalogue.md', import.meta.url), 'utf8')
  assert.equal(page === withMarts(page, readMarts('Europe/Paris')), true)
})
