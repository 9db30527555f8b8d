import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOrder, selected } from './graph.ts'
import { martNamed, martText, reading } from './mart-fixture.ts'

const names = (marts: readonly { readonly name: string }[]): string => marts.map(({ name }) => name).join(' ')
// a ← b ← d, a ← c, e alone
const marts = [reading('d', 'b'), reading('b', 'a'), reading('c', 'a'), reading('a'), reading('e')]

test('a mart comes after all that it reads, whatever the order of the files', () => {
  assert.equal(names(inOrder(marts)), 'a b c d e')
  assert.equal(names(inOrder([...marts].reverse())), 'a b c d e')
})

test('a circle is refused by its members, and a reference to nothing by its name', () => {
  assert.throws(() => inOrder([reading('x', 'y'), reading('y', 'z'), reading('z', 'x')]), {
    code: 'CONFIG_INVALID',
    message: /x reads y reads z reads x/,
  })
  assert.throws(() => inOrder([reading('x', 'x')]), { message: /x reads x/ })
  assert.throws(() => inOrder([reading('x', 'gone')]), { message: /reading x: there is no mart gone/ })
})

test('a relationship leads to a column that is there', () => {
  const to = (column: string) => martNamed('x', martText({ column: `, references: a.${column}` }))
  assert.equal(names(inOrder([to('id'), reading('a')])), 'a x')
  assert.throws(() => inOrder([to('other'), reading('a')]), { message: /a has no column other/ })
  assert.throws(() => inOrder([to('id')]), { message: /there is no mart a/ })
})

test('what is personal in one mart is personal in those that name it', () => {
  const personal = martNamed('x', martText({ column: ', pii: true' }))
  const reader = (sql: string, column = '') => martNamed('y', martText({ sql, column }))
  assert.throws(() => inOrder([personal, reader('SELECT id FROM gold.x')]), {
    message: /reads x\.id, which is personal/,
  })
  assert.equal(names(inOrder([personal, reader('SELECT id FROM gold.x', ', pii: true')])), 'x y')
  assert.equal(names(inOrder([personal, reader('SELECT count() AS n FROM gold.x')])), 'x y')
})

test('choices take a mart, what reads it, what it reads', () => {
  const ordered = inOrder(marts)
  const chosen = (...choices: readonly string[]): string => names(selected(ordered, choices))
  assert.equal(chosen(), 'a b c d e')
  assert.equal(chosen('b'), 'b')
  assert.equal(chosen('b+'), 'b d')
  assert.equal(chosen('+d'), 'a b d')
  assert.equal(chosen('+b+', 'e'), 'a b d e')
  for (const wrong of ['f', 'a++', '', 'a b'])
    assert.throws(() => chosen(wrong), { code: 'CONFIG_INVALID', message: /there is no such mart/ })
})
