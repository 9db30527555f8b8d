import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { ByteReader, ByteWriter } from './bytes.ts'
import { DiskKeyedStore } from './disk-keyed-store.ts'
import { type KeyedEntry, type KeyedState, KeyedStore, nextOf } from './keyed-store.ts'

const root = mkdtempSync(join(tmpdir(), 'kappa-disk-'))
after(() => rmSync(root, { recursive: true, force: true }))
let folders = 0
const folder = (): string => join(root, String(folders++))

const TTL = 50
const text = fc.constantFrom(
  'a',
  'b',
  'c',
  'd',
  'é',
  '\u{1f600}',
  '\uffee',
  `long ${'x'.repeat(2_000)}`,
  `long ${'x'.repeat(2_001)}`,
)
const step = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    text,
    value: fc.nat(),
    timers: fc.uniqueArray(fc.integer({ min: -20, max: 200 }), { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), text }),
  fc.record({ kind: fc.constant('pass' as const), by: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ kind: fc.constantFrom('commit' as const, 'reopen' as const) }),
)

const fresh = (text: string, touched: number): KeyedEntry => ({
  text,
  key: [text],
  state: { values: [] as number[] },
  timers: [],
  touched,
  scheduled: Number.POSITIVE_INFINITY,
})

/** Fires everything that is due, as the stateful operator does; what came of it. */
function fire(store: KeyedState, time: number): unknown[] {
  const fired: unknown[] = []
  for (let due = store.due(time); due; due = store.due(time)) {
    fired.push([due.time, due.entry.text, due.kind, structuredClone(due.entry.state)])
    if (due.kind === 'expiry') store.remove(due.entry.text)
    else {
      due.entry.timers = due.entry.timers.slice(1)
      store.put(due.entry)
    }
  }
  return fired
}

const contents = (store: KeyedState): unknown[] =>
  [...store.all()]
    .map(({ text, state, timers, touched }) => [text, structuredClone(state), timers, touched])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))

function deltaOf(store: KeyedState): Buffer {
  const writer = new ByteWriter()
  store.writeDelta(writer)
  return writer.take()
}

test('on disk as in memory: what is held, what is due and in which order, whenever the file is written or opened again', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const at = folder()
      const memory = new KeyedStore('state', TTL)
      let disk = new DiskKeyedStore('state', TTL, at)
      const copy = new KeyedStore('state', TTL)
      let now = 0
      let commits = 0
      const commit = () => {
        const delta = deltaOf(memory)
        copy.read(new ByteReader(deltaOf(disk)))
        if (delta.length > 0) assert.deepEqual(contents(copy), contents(memory), 'deltas rebuild the state')
        disk.persist(Buffer.from(String(++commits)))
      }
      for (const one of steps) {
        if (one.kind === 'put')
          for (const store of [memory, disk]) {
            const entry = store.get(one.text) ?? fresh(one.text, now)
            const { values } = entry.state as { values: number[] }
            values.push(one.value)
            entry.touched = Math.max(entry.touched, now)
            entry.timers = one.timers.map((after) => now + after).sort((a, b) => a - b)
            store.put(entry)
          }
        else if (one.kind === 'remove') for (const store of [memory, disk]) store.remove(one.text)
        else if (one.kind === 'pass') {
          now += one.by
          assert.deepEqual(fire(disk, now), fire(memory, now))
        } else commit()
        if (one.kind === 'reopen') {
          disk.close()
          disk = new DiskKeyedStore('state', TTL, at)
          assert.equal(String(disk.mark), String(commits))
        }
        assert.equal(disk.entries, memory.entries)
        const least = Math.min(...[...memory.all()].map((entry) => nextOf(entry, TTL)))
        assert.ok(disk.nextDue <= least, 'nothing is due before it says')
      }
      assert.deepEqual(contents(disk), contents(memory))
      commit()
      assert.deepEqual(contents(disk), contents(memory))
      disk.close()
    }),
    { numRuns: 100 },
  )
})

test('a sweep beside deltas rebuilds the state from nothing', () => {
  const disk = new DiskKeyedStore('state', undefined, folder())
  for (let n = 0; n < 10_000; n++) disk.put({ ...fresh(`k${n}`, n), state: n })
  deltaOf(disk)
  disk.persist(Buffer.from('1'))
  const rebuilt = new KeyedStore('state', undefined)
  const writer = new ByteWriter()
  let blocks = 0
  let round = 0
  for (const _ of disk.sweep((write) => write(writer))) {
    blocks++
    // Between two blocks a commit changes entries before and behind the place that the sweep has come to.
    const block = writer.take()
    rebuilt.read(new ByteReader(block))
    for (let n = round++; n < 10_000; n += 7) {
      if (n % 3 === 0) disk.remove(`k${n}`)
      else disk.put({ ...fresh(`k${n}`, n), state: `changed ${round}` })
    }
    disk.put(fresh(`new ${round}`, 0))
    rebuilt.read(new ByteReader(deltaOf(disk)))
    disk.persist(Buffer.from(String(round + 1)))
  }
  assert.ok(blocks >= 3, `${blocks} blocks`)
  assert.deepEqual(contents(rebuilt), contents(disk))
  disk.close()
})

test('what was written without a mark, or not at all, is not there when the file is opened again', () => {
  const at = folder()
  const first = new DiskKeyedStore('state', undefined, at)
  first.put(fresh('a', 1))
  first.persist(Buffer.from('one'))
  first.put(fresh('b', 2))
  first.close()
  const second = new DiskKeyedStore('state', undefined, at)
  assert.deepEqual([String(second.mark), second.entries, second.get('b')], ['one', 1, undefined])
  second.put(fresh('c', 3))
  second.persist(undefined)
  second.close()
  const third = new DiskKeyedStore('state', undefined, at)
  assert.deepEqual([third.mark, third.entries, third.get('a')], [undefined, 0, undefined])
  third.close()
})

test('an owner whose file was opened by another one writes nothing more', () => {
  const at = folder()
  const zombie = new DiskKeyedStore('state', undefined, at)
  zombie.put(fresh('a', 1))
  zombie.persist(Buffer.from('one'))
  const owner = new DiskKeyedStore('state', undefined, at)
  zombie.put(fresh('b', 2))
  assert.throws(
    () => zombie.persist(Buffer.from('two')),
    (thrown) => thrown instanceof KappaError && thrown.code === 'FENCED',
  )
  assert.equal(String(owner.mark), 'one')
  assert.equal(owner.get('b'), undefined)
  zombie.close()
  owner.close()
})
