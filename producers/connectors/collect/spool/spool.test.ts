import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { testClock } from '#engine/testing'
import { openSpool, SPOOL_START, type Spool, type SpoolOptions, type SpoolPosition } from './index.ts'

const masterKey = Buffer.alloc(32, 7)

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'kappa-spool-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const open = (path: string, change: Partial<SpoolOptions> = {}, take?: (payload: Buffer) => void) =>
  openSpool({ folder: path, maxBytes: 1_000_000, masterKey, keepMs: 60_000, ...change }, take)

const text = (n: number) => Buffer.from(`record ${n} ${'x'.repeat(n % 50)}`)

async function rest(spool: Spool, from: SpoolPosition = SPOOL_START): Promise<{ found: string[]; end: SpoolPosition }> {
  const found: string[] = []
  for (let at = from; ; ) {
    const { payloads, next } = await spool.read(at, 100)
    if (payloads.length === 0) return { found, end: next }
    found.push(...payloads.map(String))
    at = next
  }
}

const spoolFiles = (path: string) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.spool'))
    .sort()

test('what was appended is read in order, over many segments, by this process and the next', async () => {
  using at = folder()
  const spool = await open(at.path, { segmentBytes: 200 })
  for (let n = 0; n < 20; n++) await spool.append(text(n))
  await Promise.all(Array.from({ length: 30 }, (_, i) => spool.append(text(20 + i))))
  const all = Array.from({ length: 50 }, (_, n) => String(text(n)))
  assert.deepEqual((await rest(spool)).found, all)
  assert.ok(spoolFiles(at.path).length > 3)
  await spool.close()
  const seen: string[] = []
  const again = await open(at.path, {}, (payload) => seen.push(String(payload)))
  assert.deepEqual(seen, all)
  assert.equal(again.id, spool.id)
  const { end } = await rest(again)
  await again.append(text(50))
  assert.deepEqual((await rest(again, end)).found, [String(text(50))])
  await again.close()
})

test('cut at any byte, the tail that was not acknowledged is dropped and nothing else', async () => {
  using at = folder()
  const spool = await open(at.path)
  const ends: number[] = []
  for (let n = 0; n < 6; n++) {
    await spool.append(text(n))
    ends.push(statSync(join(at.path, '000000000001.spool')).size)
  }
  await spool.close()
  const file = join(at.path, '000000000001.spool')
  const whole = readFileSync(file)
  for (let length = 0; length <= whole.length; length++) {
    for (const old of spoolFiles(at.path)) rmSync(join(at.path, old))
    writeFileSync(file, whole.subarray(0, length))
    const again = await open(at.path)
    const kept = ends.filter((end) => end <= length).length
    const expected = Array.from({ length: kept }, (_, n) => String(text(n)))
    assert.deepEqual((await rest(again)).found, expected, `cut at ${length}`)
    await again.append(text(99))
    assert.deepEqual((await rest(again)).found, [...expected, String(text(99))])
    await again.close()
  }
})

test('zeros and noise behind the last record are no record; any changed byte is noticed', async () => {
  using at = folder()
  const spool = await open(at.path)
  for (let n = 0; n < 3; n++) await spool.append(text(n))
  await spool.close()
  const file = join(at.path, '000000000001.spool')
  const whole = readFileSync(file)
  for (const tail of [Buffer.alloc(64), Buffer.alloc(9, 255), Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 65])]) {
    writeFileSync(file, Buffer.concat([whole, tail]))
    const again = await open(at.path)
    assert.equal((await rest(again)).found.length, 3)
    assert.equal(statSync(file).size, whole.length)
    await again.close()
  }
  for (let i = 0; i < whole.length; i++) {
    const changed = Buffer.from(whole)
    changed[i] = (changed[i] ?? 0) ^ 1
    writeFileSync(file, changed)
    const again = await open(at.path)
    assert.ok((await rest(again)).found.length < 3, `byte ${i}`)
    await again.close()
  }
})

test('damage in an older segment is told, and what is behind it is still there', async () => {
  using at = folder()
  const spool = await open(at.path, { segmentBytes: 100 })
  for (let n = 0; n < 8; n++) await spool.append(text(n))
  await spool.close()
  const [first = ''] = spoolFiles(at.path)
  truncateSync(join(at.path, first), statSync(join(at.path, first)).size - 1)
  const damage: string[] = []
  const again = await open(at.path, { onDamage: (line) => damage.push(line) })
  const { found } = await rest(again)
  assert.equal(damage.length, 1)
  assert.equal(found.at(-1), String(text(7)))
  assert.equal(found.length, 7)
  await again.close()
})

test('full is said, and passes with delivery', async () => {
  using at = folder()
  const spool = await open(at.path, { maxBytes: 400, segmentBytes: 100 })
  await assert.rejects(
    async () => {
      for (;;) await spool.append(text(10))
    },
    (thrown) => thrown instanceof KappaError && thrown.code === 'BLOCKED' && thrown.retriable,
  )
  assert.ok(spool.waitingBytes > 300 && spool.waitingBytes <= 400)
  assert.ok(spool.waitingSince !== undefined)
  const { end } = await rest(spool)
  await spool.release(end)
  assert.equal(spool.waitingBytes, 0)
  assert.equal(spool.waitingSince, undefined)
  await spool.append(text(10))
  await spool.close()
  const again = await open(at.path, { maxBytes: 400 })
  assert.ok(again.waitingBytes < 100, 'what is delivered does not count at the next start')
  await again.close()
})

test('delivered segments are kept for a while, then go; the position stays good', async () => {
  using at = folder()
  const clock = testClock(Date.now())
  const options = { clock, keepMs: 60_000, segmentBytes: 100 }
  const spool = await open(at.path, options)
  for (let n = 0; n < 10; n++) await spool.append(text(n))
  const { end } = await rest(spool)
  await spool.release(end)
  const before = spoolFiles(at.path).length
  assert.ok(before > 3)
  clock.advance(61_000)
  await spool.release(end)
  assert.equal(spoolFiles(at.path).length, 1)
  assert.equal(statSync(join(at.path, spoolFiles(at.path)[0] ?? '')).size, 0)
  await spool.append(text(10))
  assert.deepEqual((await rest(spool, end)).found, [String(text(10))])
  await spool.close()
  const again = await open(at.path, options)
  assert.deepEqual((await rest(again, end)).found, [String(text(10))])
  await again.close()
})

test('a position that never was is refused: the folder is an older copy', async () => {
  using at = folder()
  const spool = await open(at.path)
  await spool.append(text(1))
  await assert.rejects(spool.read({ segment: 9, offset: 0 }, 100), /older copy/)
  await assert.rejects(spool.release({ segment: 1, offset: 10_000 }), /older copy/)
  await spool.close()
})

test('files say nothing without the key', async () => {
  using at = folder()
  const spool = await open(at.path)
  await spool.append(Buffer.from('someone@example.com'))
  await spool.close()
  assert.ok(!readFileSync(join(at.path, '000000000001.spool')).includes('someone'))
  await assert.rejects(open(at.path, { masterKey: Buffer.alloc(32, 8) }), /another master key/)
})

test('a disk that refuses is said, and what was acknowledged stays', async () => {
  using at = folder()
  const spool = await open(at.path, { segmentBytes: 10 })
  await spool.append(text(1))
  // the next segment cannot be made: its name is taken
  writeFileSync(join(at.path, '000000000002.spool'), '')
  await assert.rejects(spool.append(text(2)), (thrown) => thrown instanceof KappaError && thrown.code === 'STORE')
  rmSync(join(at.path, '000000000002.spool'))
  await spool.append(text(3))
  assert.deepEqual((await rest(spool)).found, [String(text(1)), String(text(3))])
  await spool.close()
})

test('whoever waits for more is woken by it', async () => {
  using at = folder()
  const spool = await open(at.path)
  const began = performance.now()
  const more = spool.more(SPOOL_START, 60_000)
  await spool.append(text(1))
  await more
  await spool.more(SPOOL_START, 60_000)
  assert.ok(performance.now() - began < 30_000)
  await spool.close()
})
