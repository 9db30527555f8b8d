import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { type CatalogueItem, catalogueItems } from '#schemas'
import { ProductSink } from './index.ts'

const item = (productId: string, name: string): CatalogueItem => ({
  ...{ productId, name, category: 'kitchen', listPrice: 1_250n, unitCost: 500n, supplier: 'Effi', warehouse: 'Lyon' },
  validFrom: 1_767_225_600_000,
})

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 400) throw new Error('not so after 4 s')
    await systemClock.sleep(10)
  }
}

test('the index holds what the topic holds, follows it, and passes over what is no row', async () => {
  const broker = fakeBroker({ seed: 1 })
  const registry = memoryRegistry()
  const schemaId = await registry.register(catalogueItems)
  const write = (productId: string, value: Buffer | null) =>
    broker.write({ topic: catalogueItems.name, partition: 0, key: Buffer.from(productId), value })
  const states: (string | undefined)[] = []
  const sink = new ProductSink({ broker, registry, clock: systemClock, onState: (away) => states.push(away) })
  const stop = new AbortController()
  const running = sink.run(stop.signal)
  await until(() => states.length === 1)
  assert.equal(sink.ready, false, 'there is no topic yet')

  await broker.admin.ensure([{ name: catalogueItems.name, partitions: 2, settings: {} }])
  write('p-1', catalogueItems.frame(schemaId, item('p-1', 'Lamp')))
  write('p-2', Buffer.from('no row'))
  write('p-3', catalogueItems.frame(schemaId, item('p-3', 'Torch')))
  await until(() => sink.ready && sink.index.size === 2)
  assert.deepEqual(states.length, 2)
  const [hit] = sink.index.find({ text: 'lamp', offset: 0, limit: 1 }).hits
  assert.deepEqual(hit?.product, {
    ...{ productId: 'p-1', name: 'Lamp', category: 'kitchen', listPrice: '12.50', supplier: 'Effi' },
  })

  write('p-1', catalogueItems.frame(schemaId, item('p-1', 'Lantern')))
  write('p-3', null)
  await until(() => sink.index.size === 1)
  await until(() => sink.index.find({ text: 'lantern', offset: 0, limit: 1 }).total === 1)
  stop.abort()
  await running
})
