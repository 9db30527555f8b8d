import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { type PurchaseLine, purchaseLines } from '#schemas'
import { exitCodeOf } from '../../exit.ts'
import { register } from './index.ts'
import { eventsOf, type Range } from './purchases.ts'

async function refusal(line: string): Promise<{ code: number; message: string }> {
  const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  register(program)
  try {
    await program.parseAsync(line.split(' '), { from: 'user' })
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : ''
    return { code: thrown instanceof CommanderError ? 2 : exitCodeOf(thrown), message }
  }
  return assert.fail('it was accepted')
}

test('a wrong flag, time or range ends in exit 2 and is named', async () => {
  for (const [line, message] of [
    ['train recommendations --since 2017-06-01', /--since/],
    ['train recommendations --from 2017-06-31', /--from: '2017-06-31'/],
    ['train churn --to tomorrow', /--to: 'tomorrow'/],
    ['train churn --from 2017-06-02 --to 2017-06-01', /--from has to lie before --to/],
    ['train upsell --from 2017-02-30', /--from: '2017-02-30'/],
    ['train upsell --held-out 3', /--held-out/],
    ['train segments --to soon', /--to: 'soon'/],
    ['train segments --clusters 5', /--clusters/],
    ['train recommendations --factors 0', /--factors/],
    ['train recommendations --alpha -1', /--alpha/],
    ['train nothing', /nothing/],
  ] as const) {
    const refused = await refusal(line)
    assert.equal(refused.code, 2, line)
    assert.match(refused.message, message)
  }
})

const line = (productId: number, purchasedAt: number): PurchaseLine => ({
  ...{ householdId: 1, storeId: 1, basketId: 1, productId, quantity: 1, week: 1, purchasedAt },
  ...{ salesValue: 1n, retailDiscount: 0n, couponDiscount: 0n, couponMatchDiscount: 0n },
})

test('events of a range are read up to where the topic ends; what is no event is counted', async () => {
  const broker = fakeBroker({ seed: 1 })
  const registry = memoryRegistry()
  const signal = new AbortController().signal
  const read = async (range: Range) => {
    const products: number[] = []
    const take = ({ productId }: { readonly productId: number }) => products.push(productId)
    const told = await eventsOf({ broker, registry }, purchaseLines, ['productId'], range, {
      ...{ take, signal, onProgress() {} },
    })
    return { products: products.sort(), ...told }
  }
  await assert.rejects(read({ from: null, to: null }), { code: 'CONFIG_INVALID' })
  await broker.admin.ensure([{ name: purchaseLines.name, partitions: 2, settings: {} }])
  const id = await registry.register(purchaseLines)
  const producer = await broker.producer()
  for (const [n, at] of [10, 20, 30, 40].entries()) {
    const value = purchaseLines.frame(id, line(n, at))
    await producer.send({ topic: purchaseLines.name, partition: n % 2, key: Buffer.from(`${n}`), value })
  }
  await producer.send({ topic: purchaseLines.name, partition: 0, key: null, value: Buffer.from('no event') })
  await producer.flush()
  assert.deepEqual(await read({ from: null, to: null }), {
    products: [0, 1, 2, 3],
    events: 4,
    undecodable: 1,
    latest: 40,
  })
  assert.deepEqual(await read({ from: 20, to: 40 }), { products: [1, 2], events: 2, undecodable: 1, latest: 30 })
  assert.deepEqual((await read({ from: 50, to: null })).latest, undefined)
})
