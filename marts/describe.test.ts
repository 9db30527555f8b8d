import assert from 'node:assert/strict'
import { test } from 'node:test'
import { erdMermaid, graphMermaid } from './index.ts'
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
