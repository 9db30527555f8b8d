import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Order, order, orderContract } from './order-fixture.ts'
import { topic } from './topic.ts'

const orders = topic<Order>(orderContract())

test('a value of every kind is the same after encode and decode, as a plain object', () => {
  assert.deepEqual(orders.decode(orders.encode(order)), order)
})

test('what does not fit is refused with its field', () => {
  const wrong: readonly [Partial<Record<keyof Order, unknown>>, RegExp][] = [
    [{ total: 19.99 }, /total cannot be 19\.99/],
    [{ total: 10n ** 18n }, /total cannot be 1000000000000000000n/],
    [{ status: 'LOST' }, /status cannot be "LOST"/],
    [{ version: -(2 ** 52) }, /version/],
    [{ placedAt: 1.5 }, /placedAt/],
    [{ lines: 2 ** 31 }, /lines/],
    [{ orderId: null }, /orderId cannot be null/],
    [{ tags: ['a', 7] }, /tags\.1 cannot be 7/],
  ]
  for (const [change, named] of wrong) {
    const value = { ...order, ...change } as Order
    for (const encode of [() => orders.encode(value), () => orders.frame(1, value)])
      assert.throws(
        encode,
        (thrown: Error & { code?: string }) => thrown.code === 'DECODE_FAILED' && named.test(thrown.message),
      )
  }
})

test('a body with a byte too few or too many is refused', () => {
  const body = orders.encode(order)
  for (const bytes of [body.subarray(0, -1), Buffer.concat([body, Buffer.of(0)]), Buffer.alloc(0)])
    assert.throws(() => orders.decode(bytes), { code: 'DECODE_FAILED' })
})

test('frames are magic byte, schema id, body; a slab that fills up harms no earlier one, nor does a failed encode', () => {
  const values = Array.from({ length: 2_000 }, (_, i) => ({
    ...order,
    orderId: `o${i}`,
    photo: Buffer.alloc(i % 97, i),
  }))
  const frames = values.map((value, i) => {
    if (i % 10 === 0) assert.throws(() => orders.frame(i, { ...value, placedAt: Number.NaN }))
    return orders.frame(i, value)
  })
  for (const [i, frame] of frames.entries()) {
    assert.equal(frame[0], 0)
    assert.equal(frame.readUInt32BE(1), i)
    assert.deepEqual(frame.subarray(5), orders.encode(values[i] ?? order))
  }
})

test('a value larger than a slab is framed too', () => {
  const large = { ...order, photo: Buffer.alloc(200_000, 7) }
  assert.deepEqual(orders.decode(orders.frame(9, large).subarray(5)), large)
  assert.deepEqual(orders.decode(orders.frame(9, order).subarray(5)), order)
})

test('the key is the text of the key fields', () => {
  assert.equal(orders.keyOf(order), 'o1')
  const byTwo = topic<Order>(orderContract({ terms: { key: ['orderId', 'lines'] } }))
  assert.equal(byTwo.keyOf({ ...order, orderId: 'a|b' }), 'a\\|b|2')
})
