import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { recordType } from './avro.ts'
import { decoderOf } from './decoder.ts'
import { memoryRegistry } from './memory-registry.ts'
import { type Order, order, orderContract, orderFields } from './order-fixture.ts'
import { topic } from './topic.ts'

const orders = topic<Order>(orderContract())

test('reads only the fields asked for', async () => {
  const registry = memoryRegistry()
  const id = await registry.register(orders)
  const decoder = registry.decoder(orders, ['total', 'placedAt'])
  const framed = orders.frame(id, order)
  assert.equal(decoder.idOf(framed), id)
  assert.equal(decoder.knows(id), false)
  await decoder.learn(id)
  assert.equal(decoder.knows(id), true)
  assert.deepEqual(decoder.decode(framed), { total: 1999n, placedAt: order.placedAt })
  assert.deepEqual(decoder.decode(new Uint8Array(framed)), { total: 1999n, placedAt: order.placedAt })
})

test('reads values of every registered version, in any order', async () => {
  const registry = memoryRegistry()
  const wider = topic<Order & { channel: string; gift: string | null }>(
    orderContract({
      added: [
        { name: 'channel', type: 'string', default: 'web', doc: 'Where ordered.' },
        { name: 'gift', type: ['null', 'string'], default: null, doc: 'Gift card.' },
      ],
      fields: {
        lines: { ...orderFields.lines, type: 'long' },
        total: { ...orderFields.total, type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 } },
        status: { ...orderFields.status, type: { type: 'enum', name: 'Status', symbols: ['NEW', 'OPEN', 'PAID'] } },
      },
    }),
  )
  const [first, second] = [await registry.register(orders), await registry.register(wider)]
  const decoder = registry.decoder(wider)
  await Promise.all([decoder.learn(first), decoder.learn(second), decoder.learn(second)])
  const newer = { ...order, channel: 'app', gift: 'g', lines: 2 ** 40 }
  const stored = [wider.frame(second, newer), orders.frame(first, order), wider.frame(second, newer)]
  assert.deepEqual(
    stored.map((framed) => decoder.decode(framed)),
    [newer, { ...order, channel: 'web', gift: null }, newer],
  )
})

test('bytes that are no such value are refused with the reason', async () => {
  const registry = memoryRegistry()
  const id = await registry.register(orders)
  const decoder = registry.decoder(orders, ['orderId'])
  await decoder.learn(id)
  const framed = orders.frame(id, order)
  for (const [bytes, reason] of [
    [Buffer.alloc(0), /not framed/],
    [Buffer.from('{"a":1}'), /not framed/],
    [framed.subarray(0, 5), /truncated/],
    [framed.subarray(0, -1), /truncated/],
    [Buffer.concat([framed, Buffer.of(1, 2)]), /2 bytes follow/],
  ] as const)
    assert.throws(
      () => decoder.decode(bytes),
      (thrown: KappaError) => thrown.code === 'DECODE_FAILED' && reason.test(thrown.message),
    )
  assert.deepEqual(decoder.decode(framed), { orderId: 'o1' })
})

test('a long that a number cannot hold exactly is refused, not rounded', async () => {
  const zigzag = (value: bigint): Buffer => {
    const bytes: number[] = []
    for (let rest = value >= 0n ? value * 2n : -value * 2n - 1n; ; rest >>= 7n) {
      bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
      if (rest <= 0x7fn) return Buffer.from(bytes)
    }
  }
  const registry = memoryRegistry()
  const id = await registry.register(orders)
  const decoder = registry.decoder(orders, ['version'])
  await decoder.learn(id)
  const own = zigzag(BigInt(order.version))
  const framed = orders.frame(id, order)
  const at = framed.indexOf(own)
  for (const value of [2n ** 52n, -(2n ** 52n) - 1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    const foreign = Buffer.concat([framed.subarray(0, at), zigzag(value), framed.subarray(at + own.length)])
    assert.throws(() => decoder.decode(foreign), { code: 'DECODE_FAILED', message: /52 bits|precision/ })
  }
  const largest = Buffer.concat([framed.subarray(0, at), zigzag(1n - 2n ** 52n), framed.subarray(at + own.length)])
  assert.deepEqual(decoder.decode(largest), { version: 1 - 2 ** 52 })
})

test('an id that the registry does not have is refused once and for all', async () => {
  const decoder = memoryRegistry().decoder(orders)
  await assert.rejects(decoder.learn(77), { code: 'DECODE_FAILED', retriable: false })
  assert.equal(decoder.knows(77), true)
  assert.throws(() => decoder.decode(orders.frame(77, order)), { code: 'DECODE_FAILED' })
})

test('a schema that cannot be read as the topic’s is refused', async () => {
  const other = recordType<unknown>(
    JSON.stringify(orderContract({ fields: { total: { ...orderFields.total, type: 'double', rule: {} } } })),
  )
  const decoder = decoderOf(orders, async () => other)
  await assert.rejects(decoder.learn(1), { code: 'DECODE_FAILED' })
  const projected = decoderOf(orders, async () => other, ['orderId'])
  await projected.learn(1)
})

test('a registry that is away is no verdict: the id is asked for again', async () => {
  let away = true
  const decoder = decoderOf(orders, async () => {
    if (away) throw new KappaError('SERVICE_UNAVAILABLE', 'asking', { retriable: true })
    return recordType(orders.contract.avro)
  })
  await assert.rejects(decoder.learn(1), { code: 'SERVICE_UNAVAILABLE', retriable: true })
  assert.equal(decoder.knows(1), false)
  assert.throws(() => decoder.decode(orders.frame(1, order)), { code: 'STATE_MISMATCH' })
  away = false
  await decoder.learn(1)
  assert.deepEqual(decoder.decode(orders.frame(1, order)), order)
})
