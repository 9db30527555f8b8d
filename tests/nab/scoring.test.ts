import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readCorpus } from '../../bench/nab/corpus.ts'
import { bestThreshold, normalised, PROFILES, rawScore, type Scored } from '../../bench/nab/scoring.ts'

// `npm run bench:nab`: files, labels and the score, against figures worked out by hand from the published formulas.

const folder = mkdtempSync(join(tmpdir(), 'kappa-nab-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const ROWS = 100
const stamp = (row: number): string => new Date(row * 300_000).toISOString().slice(0, 19).replace('T', ' ')
mkdirSync(join(folder, 'made'))
const lines = Array.from({ length: ROWS }, (_, row) => `${stamp(row)},${row}`)
writeFileSync(join(folder, 'made', 'one.csv'), `timestamp,value\n${lines.join('\n')}\n`)
const labels = join(folder, 'labels.json')
writeFileSync(labels, JSON.stringify({ 'made/one.csv': [[`${stamp(40)}.000000`, `${stamp(49)}.000000`]] }))

const [series] = readCorpus(folder, labels)
assert.ok(series)
const [standard, lowFp, lowFn] = PROFILES
assert.ok(standard && lowFp && lowFn)
const scored = (...rows: number[]): Scored[] => [
  { series, scores: Array.from({ length: ROWS }, (_, row) => (rows.includes(row) ? 1 : 0)) },
]
const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`)

test('windows are rows from label to label, both in it', () => {
  assert.deepEqual(series.windows, [[40, 49]])
  assert.equal(series.group, 'made')
})

test('the first row of a window is worth all of it, a later one less, and only the best counts', () => {
  close(rawScore(scored(40), 1, standard), 1)
  const sigmoid = (y: number) => 2 / (1 + Math.exp(5 * y)) - 1
  close(rawScore(scored(45), 1, standard), sigmoid(-0.5) / sigmoid(-1))
  close(rawScore(scored(40, 45, 49), 1, standard), 1)
})

test('a miss and wrong alarms cost what the profile says; nothing in the probation counts', () => {
  close(rawScore(scored(), 1, standard), -1)
  close(rawScore(scored(), 1, lowFn), -2)
  close(rawScore(scored(20, 21), 1, lowFp), -1 - 2 * 0.22)
  close(rawScore(scored(14), 1, standard), -1)
  close(rawScore(scored(40, 58), 1, standard), 1 + 0.11 * (2 / (1 + Math.exp(5)) - 1))
})

test('0 for nothing found, 100 for every window at its first row; the threshold is the best for all', () => {
  close(normalised(scored(), rawScore(scored(), 1, lowFn), lowFn), 0)
  close(normalised(scored(40), rawScore(scored(40), 1, lowFn), lowFn), 100)
  const mixed: Scored[] = [
    { series, scores: Array.from({ length: ROWS }, (_, n) => (n === 40 ? 0.9 : n === 30 ? 0.4 : 0)) },
  ]
  assert.equal(bestThreshold(mixed, standard), 0.9)
})

test('a broken row is told with its file and line', () => {
  writeFileSync(join(folder, 'made', 'two.csv'), 'timestamp,value\n2014-04-01 00:00:00,\n')
  const both = join(folder, 'both.json')
  writeFileSync(both, JSON.stringify({ 'made/two.csv': [] }))
  assert.throws(() => readCorpus(folder, both), /made\/two\.csv, line 2/)
})
