import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { type CsvLine, csvLines } from './csv.ts'

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'rows.csv')
  writeFileSync(path, text)
  return path
}

async function read(path: string, required: readonly string[] = []): Promise<CsvLine[]> {
  const lines: CsvLine[] = []
  for await (const batch of csvLines(path, required)) lines.push(...batch)
  return lines
}

test('records come with the line on which they begin', async (t) => {
  const path = fileOf(t, '\uFEFFa,b\r\n1,2\r\n\r\n"x, ""y""\nz",3\n4,5')
  assert.deepEqual(await read(path, ['a']), [
    { line: 2, columns: { a: '1', b: '2' } },
    { line: 4, columns: { a: 'x, "y"\nz', b: '3' } },
    { line: 6, columns: { a: '4', b: '5' } },
  ])
})

test('a broken record is told with its line and text, and the next line is read', async (t) => {
  const path = fileOf(t, 'a,b\n1,2\n3\n4,5,6\n7,8"\n9,10\n"11,12\n13,14\n')
  const lines = await read(path)
  assert.deepEqual(
    lines.map((one) => [one.line, 'reason' in one ? one.found : one.columns.a]),
    [
      [2, '1'],
      [3, '3'],
      [4, '4,5,6'],
      [5, '7,8"'],
      [6, '9'],
      [7, '"11,12'],
      [8, '13'],
    ],
  )
  const reasons = lines.flatMap((one) => ('reason' in one ? [one.reason] : []))
  assert.deepEqual(reasons.slice(0, 2), ['1 columns instead of 2', '3 columns instead of 2'])
  assert.match(reasons[2] ?? '', /quote/i)
  assert.match(reasons[3] ?? '', /quote/i)
})

test('a file without a column that is needed, an empty one and a missing one are refused by name', async (t) => {
  await assert.rejects(read(fileOf(t, 'a,b\n1,2\n'), ['b', 'c']), {
    code: 'CONFIG_INVALID',
    message: /rows\.csv.*no column c/,
  })
  await assert.rejects(read(fileOf(t, '')), { code: 'CONFIG_INVALID', message: /empty/ })
  await assert.rejects(read('nowhere.csv'), { code: 'CONFIG_INVALID', message: /nowhere\.csv/ })
})

test('whatever the fields hold, what was written is read', async (t) => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é') })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 20 }), async (rows) => {
      const path = fileOf(t, `a,b\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}\n`)
      const lines = await read(path)
      assert.deepEqual(
        lines.map((one) => ('reason' in one ? one : [one.columns.a, one.columns.b])),
        rows,
      )
    }),
    { numRuns: 100 },
  )
})
