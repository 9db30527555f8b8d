import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import avsc from 'avsc'
import { parquetWriteFile } from 'hyparquet-writer'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'
import type { MisreadPolicy } from './encoding.ts'
import type { FileFormat } from './format.ts'
import { readerOf } from './reader.ts'
import { type FileRecord, isUnread } from './record.ts'

const utf8 = (misread: MisreadPolicy = 'reject') => ({ label: 'utf-8', misread })
const csv = (change: object = {}): FileFormat => ({
  ...{ format: 'csv', encoding: utf8(), delimiter: ',', finalNewline: false, ...change },
})

async function read(folder: string, format: FileFormat, content: string | Buffer): Promise<FileRecord[]> {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  const records: FileRecord[] = []
  for await (const batch of readerOf(format)(path)) records.push(...batch)
  return records
}

/** `line: cells` or `line: reason`. */
const told = (records: readonly FileRecord[]): string[] =>
  records.map((one) => `${one.line}: ${isUnread(one) ? one.reason : Object.values(one.cells).join(' | ')}`)

test('csv: quotes over lines, byte order mark, CRLF, another delimiter, columns in any spelling', async (t) => {
  const folder = temporaryFolder(t)
  const content = '\ufeff Order Id ;NAME\r\n1;"a;b"\r\n\r\n2;"c\nd ""e"""\r\n3;f\r\n'
  const records = await read(folder, csv({ delimiter: ';' }), content)
  assert.deepEqual(told(records), ['2: 1 | a;b', '4: 2 | c\nd "e"', '6: 3 | f'])
  assert.deepEqual(Object.keys((records[0] as { cells: object }).cells), ['order_id', 'name'])
  for (const { bytes } of records) {
    const [at, length] = bytes ?? assert.fail()
    assert.match(String(Buffer.from(content).subarray(at, at + length)), /^\d;.*\r\n$/s)
  }
})

test('csv: a broken line costs itself alone', async (t) => {
  const folder = temporaryFolder(t)
  const content = 'a,b\n1,2\n3\n4,"5\n6,7\n8,9\n10,1'
  assert.deepEqual(told(await read(folder, csv(), content)), [
    ...['2: 1 | 2', '3: 1 columns instead of 2', '4: Quote Not Closed: the parsing is finished with an opening quote'],
    ...['5: 6 | 7', '6: 8 | 9', '7: 10 | 1'],
  ])
  const strict = await read(folder, csv({ finalNewline: true }), 'a,b\n1,2\n10,1')
  assert.deepEqual(told(strict), ['2: 1 | 2', '3: the file ends within this line'])
  assert.deepEqual(told(await read(folder, csv(), 'a,b\n1')), ['2: 1 columns instead of 2; the file ends here'])
  assert.deepEqual(told(await read(folder, csv(), 'a,A\n1,2\n')), ['2: the header has column a twice'])
  assert.deepEqual(await read(folder, csv(), ''), [])
})

test('csv: lines longer than a chunk are whole', async (t) => {
  const folder = temporaryFolder(t)
  const long = 'x'.repeat(600_000)
  const records = await read(folder, csv(), `a,b\n1,${long}\n2,y\n`)
  assert.deepEqual(
    records.map(({ line, bytes }) => [line, bytes]),
    [
      [2, [4, 600_003]],
      [3, [600_007, 4]],
    ],
  )
})

test('bytes of another encoding are a reason; told which one, they are read', async (t) => {
  const folder = temporaryFolder(t)
  const latin = Buffer.from('n\nZoë\nplain\n', 'latin1')
  assert.deepEqual(told(await read(folder, csv(), latin)), ['2: not UTF-8: byte 0xeb at 2 of the record', '3: plain'])
  const encoding = { label: 'windows-1252', misread: 'reject' }
  assert.deepEqual(told(await read(folder, csv({ encoding }), latin)), ['2: Zoë', '3: plain'])
})

test('UTF-8 that was read as Mac Roman or Windows-1252 and saved again is seen, and may be repaired', async (t) => {
  const folder = temporaryFolder(t)
  for (const [label, name] of [
    ['macintosh', 'Mac Roman'],
    ['windows-1252', 'Windows-1252'],
  ] as const) {
    const text = 'n\nZoë – Müller\nŁódź\nplain\n50 ≈ 49\n'
    const saved = new TextDecoder(label).decode(Buffer.from(text))
    const refused = told(await read(folder, csv({ encoding: utf8('reject') }), saved))
    assert.deepEqual(refused.slice(0, 3), [
      `2: UTF-8 that was read as ${name} and saved again`,
      `3: UTF-8 that was read as ${name} and saved again`,
      '4: plain',
    ])
    assert.deepEqual(told(await read(folder, csv({ encoding: utf8('repair') }), saved)), [
      '2: Zoë – Müller',
      '3: Łódź',
      '4: plain',
      '5: 50 ≈ 49',
    ])
    assert.match(told(await read(folder, csv({ encoding: utf8('keep') }), saved))[0] ?? '', /M.+ller/)
    const honest = await read(folder, csv(), text)
    assert.deepEqual(told(honest), ['2: Zoë – Müller', '3: Łódź', '4: plain', '5: 50 ≈ 49'])
  }
})

test('json: an array, one object; elements that are broken or cut cost themselves alone', async (t) => {
  const folder = temporaryFolder(t)
  const json: FileFormat = { format: 'json', encoding: utf8() }
  assert.deepEqual(told(await read(folder, json, '[\n{"a":1,"b":"]}"},\n{"a":2,\n "b":null}\n]\n')), [
    '2: 1 | ]}',
    '3: 2 | ',
  ])
  assert.deepEqual(told(await read(folder, json, '{"a": {"b": [1]}}')), ['1: [object Object]'])
  assert.deepEqual(
    told(await read(folder, json, '[\n{"a":1},\n{"a":"x,"b":2},\n{"a":{"b":1},\n{"a":3},\n7,\n{"a":4')),
    [
      ...['2: 1', '3: a text does not end in its line', '4: its brackets do not match'].slice(0, 2),
      ...['4: it is not closed', '5: 3', '6: it is no JSON object', '7: it is not closed'],
      '7: the array is not closed: the file ends before it',
    ],
  )
  const cut = told(await read(folder, json, '[\n{"a":1},\n{"a":2}'))
  assert.deepEqual(cut, ['2: 1', '3: 2', '3: the array is not closed: the file ends before it'])
})

test('a disk that fails is an error, not what the file says', async (t) => {
  const gone = readerOf(csv())(join(temporaryFolder(t), 'gone'))
  await assert.rejects(gone.next(), { code: 'STORE', message: /reading .*gone/ })
})

test('ndjson: an object a line', async (t) => {
  const records = await read(
    temporaryFolder(t),
    { format: 'ndjson', encoding: utf8() },
    '{"A b":1}\n\n[2]\n{"a"\n{"a":3}',
  )
  const broken = '4: it is no JSON: Expected'
  assert.deepEqual(
    told(records).map((text) => text.slice(0, broken.length)),
    ['1: 1', '3: it is no JSON object', broken, '5: 3'],
  )
})

test('parquet: rows by their types; what is none is said once', async (t) => {
  const folder = temporaryFolder(t)
  const parquet: FileFormat = { format: 'parquet' }
  const at = new Date('2025-01-31T12:00:00Z')
  parquetWriteFile({
    filename: join(folder, 'p'),
    columnData: [
      { name: 'Id', data: [1, 2], type: 'INT32' },
      { name: 'at', data: [at, at], type: 'TIMESTAMP' },
      { name: 'name', data: ['a', 'b'], type: 'STRING' },
    ],
  })
  const records: FileRecord[] = []
  for await (const batch of readerOf(parquet)(join(folder, 'p'))) records.push(...batch)
  assert.deepEqual(records, [
    { line: 1, bytes: undefined, cells: { id: 1, at, name: 'a' } },
    { line: 2, bytes: undefined, cells: { id: 2, at, name: 'b' } },
  ])
  const [broken, ...more] = told(await read(folder, parquet, 'PAR1 no parquet'))
  assert.match(broken ?? '', /^1: not readable as parquet from here on: /)
  assert.deepEqual(more, [])
})

test('avro: records by the schema in the file; one that ends early keeps what came before', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a.avro')
  for (const codec of ['null', 'deflate']) {
    const schema = {
      type: 'record' as const,
      name: 'Row',
      fields: [
        { name: 'orderId', type: 'string' as const },
        { name: 'at', type: { type: 'long' as const, logicalType: 'timestamp-millis' } },
        { name: 'price', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }] as never },
      ],
    }
    const encoder = avsc.createFileEncoder(path, schema, { codec, blockSize: 64 })
    for (let i = 0; i < 20; i++) encoder.write({ orderId: `o-${i}`, at: 1_000 + i, price: Buffer.from([4, 210]) })
    encoder.end()
    await new Promise((done) => encoder.on('close', done))
    const records: FileRecord[] = []
    for await (const batch of readerOf({ format: 'avro' })(path)) records.push(...batch)
    assert.equal(records.length, 20)
    const cells = { order_id: 'o-3', at: new Date(1_003), price: '12.34' }
    assert.deepEqual(records[3], { line: 4, bytes: undefined, cells })
    const bytes = readFileSync(path)
    const cut = told(await read(folder, { format: 'avro' }, bytes.subarray(0, bytes.length - 30)))
    assert.match(cut.at(-1) ?? '', /the file ends too early$/)
    assert.ok(cut.length > 5 && cut.length < 20)
  }
})
