import assert from 'node:assert/strict'
import { test } from 'node:test'
import { referencesOf, renamed } from './references.ts'

const databases = new Set(['ventes'])

test('tables are found in every clause, and not in text, comments and columns', () => {
  const sql = `WITH (SELECT max(x) FROM gold.first) AS m -- not gold.comment, it's one
    SELECT a.id, 'gold.text, it\\'s', /* ventes.other */ m
    FROM ventes.achats AS a JOIN gold.second AS b ON b.id = a.id
    WHERE a.id IN (SELECT id FROM gold.first) AND a.x != 'ventes.text'`
  assert.deepEqual(referencesOf(sql, databases), { marts: ['first', 'second'], sources: ['ventes.achats'] })
})

test('only tables of gold are renamed, and only those that have another name', () => {
  const sql = "SELECT gold.a.id, 'gold.a' FROM gold.a, gold.ab, ventes.a -- gold.a"
  assert.equal(
    renamed(sql, new Map([['a', 'a__next_1']])),
    "SELECT gold.a__next_1.id, 'gold.a' FROM gold.a__next_1, gold.ab, ventes.a -- gold.a",
  )
})
