import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Blocks } from './block.ts'
import { type KeyedEntry, KeyedStore } from './keyed-store.ts'
import { WindowStore } from './window-store.ts'

const cellsOf = (store: WindowStore) =>
  [...store.open].flatMap(({ start, cells }) => cells.map(({ key, slots }) => [start, ...key, ...slots].join()))

function add(store: WindowStore, start: number, key: readonly unknown[], value: unknown): void {
  const bucket = store.bucketAt(start) ?? store.add(start, start + 10, start + 20)
  const cell = bucket.cellOf(key, () => [0, ''])
  cell.slots[0] = (cell.slots[0] as number) + 1
  cell.slots[1] = value
  bucket.touch(cell)
}

test('restored windows hold what was written last, whether a key was looked at in between or not', () => {
  const live = new WindowStore('w')
  const restored = new WindowStore('w')
  const [from, to] = [new Blocks([live]), new Blocks([restored])]
  const hand = () => to.restore(from.delta() ?? assert.fail('nothing changed'))
  add(live, 0, ['DE', 'EUR'], 'a')
  add(live, 0, ['DE', 'SEK'], -1.5)
  add(live, 10, ['Ö', null], 7n)
  hand()
  assert.equal(restored.entries, 3)
  assert.deepEqual(restored.bucketAt(0)?.cellOf(['DE', 'EUR'], () => assert.fail('it was restored')).slots, [1, 'a'])
  add(live, 0, ['DE', 'EUR'], Buffer.from([1]))
  add(live, 0, ['DE', 'SEK'], ['x', [true]])
  add(live, 0, ['FR', 'EUR'], -(2n ** 80n))
  hand()
  assert.equal(restored.entries, 4)
  assert.deepEqual(cellsOf(restored).toSorted(), cellsOf(live).toSorted())
  // What was restored can be written and restored again.
  const again = new WindowStore('w')
  const blocks = new Blocks([again])
  for (const block of to.snapshot()) blocks.restore(block)
  assert.deepEqual(cellsOf(again).toSorted(), cellsOf(live).toSorted())
})

test('bytes of cells that others replaced many times are not kept', () => {
  const live = new WindowStore('w')
  const restored = new WindowStore('w')
  const [from, to] = [new Blocks([live]), new Blocks([restored])]
  for (let commit = 0; commit < 300; commit++) {
    for (let key = 0; key < 100; key++) add(live, 0, [`k${key}`], commit)
    to.restore(from.delta() ?? assert.fail('nothing changed'))
  }
  assert.equal(restored.entries, 100)
  assert.deepEqual(cellsOf(restored).toSorted(), cellsOf(live).toSorted())
})

const entry = (text: string, state: unknown, timers: number[], touched: number): KeyedEntry => ({
  text,
  key: [text],
  state,
  timers,
  touched,
  scheduled: Number.POSITIVE_INFINITY,
})

const dues = (store: KeyedStore, time: number): string[] => {
  const found: string[] = []
  for (let due = store.due(time); due !== undefined; due = store.due(time)) {
    found.push(`${due.time} ${due.entry.text} ${due.kind}`)
    if (due.kind === 'expiry') store.remove(due.entry.text)
    else store.put({ ...due.entry, timers: due.entry.timers.slice(1) })
  }
  return found
}

test('restored entries are due in the order in which they would have been, and can be removed unseen', () => {
  const live = new KeyedStore('k', 100)
  const restored = new KeyedStore('k', 100)
  const [from, to] = [new Blocks([live]), new Blocks([restored])]
  live.put(entry('b', { n: 1n }, [5, 9], 0))
  live.put(entry('a', 'old', [], 2))
  live.put(entry('c', [1], [5], 1))
  to.restore(from.delta() ?? assert.fail('nothing changed'))
  live.remove('c')
  live.put(entry('a', 'new', [7], 3))
  live.put(entry('d', null, [], 4))
  to.restore(from.delta() ?? assert.fail('nothing changed'))
  assert.equal(restored.entries, 3)
  assert.deepEqual(restored.get('a')?.state, 'new')
  assert.equal(restored.get('c'), undefined)
  const again = new KeyedStore('k', 100)
  const blocks = new Blocks([again])
  for (const block of to.snapshot()) blocks.restore(block)
  assert.deepEqual([...again.all()].map(({ text, state }) => [text, state]).toSorted(), [
    ['a', 'new'],
    ['b', { n: 1n }],
    ['d', null],
  ])
  const due = dues(live, 200)
  assert.deepEqual(dues(restored, 200), due)
  assert.deepEqual(dues(again, 200), due)
  assert.deepEqual(due, ['5 b timer', '7 a timer', '9 b timer', '100 b expiry', '103 a expiry', '104 d expiry'])
  assert.equal(restored.entries, 0)
})

test('a state whose every restored entry is removed within one block goes on', () => {
  const live = new KeyedStore('k', undefined)
  const restored = new KeyedStore('k', undefined)
  const [from, to] = [new Blocks([live]), new Blocks([restored])]
  live.put(entry('a', 1, [], 0))
  to.restore(from.delta() ?? assert.fail('nothing changed'))
  live.remove('a')
  live.put(entry('b', 2, [], 0))
  to.restore(from.delta() ?? assert.fail('nothing changed'))
  assert.deepEqual(
    [...restored.all()].map(({ text, state }) => [text, state]),
    [['b', 2]],
  )
  assert.equal(restored.get('b')?.state, 2)
})
