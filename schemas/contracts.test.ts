import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ContractField, memoryRegistry, readContracts, rulesOf } from '#engine/schema'
import { topics } from '#schemas'
import { differences } from '../cli/commands/schemas/generated.ts'
import { recordsOf } from '../engine/schema/random-fixture.ts'

const folder = import.meta.dirname
const contracts = readContracts(folder)

for (const topic of topics) {
  test(`${topic.name}: any value survives encoding, framing and projection`, async () => {
    const registry = memoryRegistry()
    const id = await registry.register(topic)
    const whole = registry.decoder(topic)
    await whole.learn(id)
    const names = topic.contract.fields.map(({ name }) => name)
    const some = fc.subarray(names)
    await fc.assert(
      fc.asyncProperty(recordsOf(topic.contract.fields), some, async (value, fields) => {
        assert.deepEqual(topic.decode(topic.encode(value)), value)
        const framed = topic.frame(id, value)
        assert.deepEqual(whole.decode(framed), value)
        const projected = registry.decoder(topic, fields)
        await projected.learn(id)
        assert.deepEqual(projected.decode(framed), Object.fromEntries(fields.map((name) => [name, value[name]])))
        assert.deepEqual(topic.encode(value), topic.encode(structuredClone(value)))
      }),
      { numRuns: 40 },
    )
  })
}

test('the generated handles are the contracts, one for one', () => {
  assert.deepEqual(
    topics.map(({ contract }) => contract),
    contracts,
  )
})

test('generated files are fresh (else: kappa schemas generate)', () => {
  assert.deepEqual([...differences(join(folder, 'generated'), contracts)], [])
})

test('personal facts are sealed, and their masked topics hold the same fields without them', () => {
  for (const { topic, fields } of contracts.filter((contract) => contract.fields.some(({ pii }) => pii?.sealed))) {
    const masked = contracts.find((other) => other.topic.name === topic.name.replace('.', '.masked-'))
    assert(masked, `${topic.name} has no masked topic`)
    const plain = (list: readonly ContractField[]) => list.filter(({ pii }) => pii === undefined)
    assert.deepEqual(plain(masked.fields), plain(fields))
    assert(masked.fields.every(({ pii }) => pii?.sealed !== true))
    assert(fields.every(({ pii }) => pii === undefined || pii.sealed))
  }
})

test('topics that are joined have equally many partitions', () => {
  const partitions = (name: string) => contracts.find(({ topic }) => topic.name === name)?.topic.partitions
  assert.equal(partitions('retail.purchase-lines.v1'), partitions('retail.products.v1'))
  assert.equal(partitions('aviation.flights.v1'), partitions('weather.observations.v1'))
})

test('rules refuse what they are for', () => {
  const changes = topics.find(({ name }) => name === 'shop.cart-changes.v1')
  assert(changes)
  const judge = rulesOf(changes, ['quantity', 'price', 'currency'])
  assert.equal(judge({ quantity: 1, price: 0n, currency: 'EUR' }), undefined)
  assert.match(judge({ quantity: 0, price: 0n, currency: 'EUR' }) ?? '', /quantity/)
  assert.match(judge({ quantity: 1, price: -1n, currency: 'EUR' }) ?? '', /price/)
  assert.match(judge({ quantity: 1, price: 0n, currency: 'euro' }) ?? '', /currency/)
})
