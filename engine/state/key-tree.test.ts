import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KeyTree } from './key-tree.ts'

const part = fc.constantFrom('a', 'b', null, 0, '0', true)
const fields = ['one', 'two', 'three']

test('whatever is put in and taken out, it holds what a list of keys holds', () => {
  const runs = fc.integer({ min: 1, max: 3 }).chain((depth) => {
    const key = fc.array(part, { minLength: depth, maxLength: depth })
    return fc.tuple(fc.constant(depth), fc.array(fc.tuple(key, fc.boolean()), { maxLength: 60 }))
  })
  fc.assert(
    fc.property(runs, ([depth, acts]) => {
      const tree = new KeyTree<{ readonly key: readonly unknown[] }>()
      const known = new Map<string, { readonly key: readonly unknown[] }>()
      const textOf = (key: readonly unknown[]): string => JSON.stringify(key)
      for (const [key, put] of acts) {
        const row = Object.fromEntries(key.map((value, n) => [fields[n] as string, value]))
        assert.equal(tree.get(key), known.get(textOf(key)))
        assert.equal(tree.at(row, fields.slice(0, depth)), known.get(textOf(key)))
        if (put && !known.has(textOf(key))) {
          const thing = { key }
          tree.add(key, thing)
          known.set(textOf(key), thing)
        } else if (!put) {
          tree.remove(key)
          known.delete(textOf(key))
        }
        assert.equal(tree.size, known.size)
        const held = [...tree.values()].map((thing) => textOf(thing.key))
        assert.deepEqual(held.sort(), [...known.keys()].sort())
      }
    }),
  )
})
