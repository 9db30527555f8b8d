import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Evolution } from './evolution.ts'
import { memoryRegistry } from './memory-registry.ts'
import { type Json, orderContract, orderFields } from './order-fixture.ts'
import { topic } from './topic.ts'

const gift = { name: 'gift', type: ['null', 'string'], default: null, doc: 'Gift card.' }
const fieldsOf = ({ contract }: { contract: { fields: readonly { name: string }[] } }) =>
  contract.fields.map(({ name }) => name)
const made = (change: Json) => topic<unknown>(orderContract(change))

test('later versions are followed as their records come, and no field is dropped', async () => {
  const registry = memoryRegistry()
  const first = made({})
  const second = made({ added: [gift] })
  const third = made({ added: [{ ...gift, name: 'coupon' }], fields: { note: undefined } })
  const [one, two, three] = [
    await registry.register(first),
    await registry.register(second),
    await registry.register(third),
  ]
  const evolution = new Evolution(first, registry)
  assert.equal(await evolution.follow([one]), first)
  assert.deepEqual(fieldsOf(await evolution.follow([one, two])), fieldsOf(second))
  const whole = await evolution.follow([three])
  assert.deepEqual([...fieldsOf(whole)].sort(), [...fieldsOf(second), 'coupon'].sort())
  assert.equal(await evolution.follow([one, two, three, 99]), whole)
  // Built with the last version, nothing that came before it takes a field away.
  const last = new Evolution(third, registry)
  assert.equal(await last.follow([one, two, three]), third)
})

test('a breaking version stops, naming the field and the way out; a schema of something else changes nothing', async () => {
  const registry = memoryRegistry()
  const first = made({})
  await registry.register(first)
  const other = made({ terms: { name: 'trade.others.v1' }, added: [gift] })
  const evolution = new Evolution(first, registry)
  assert.equal(await evolution.follow([await registry.register(other)]), first)
  const breaking = made({ fields: { lines: { ...orderFields.lines, type: 'string', rule: undefined } } })
  // As where the registry's own check was turned off.
  const loose = { ...registry, contractOf: async () => breaking.contract }
  await assert.rejects(new Evolution(first, loose).follow([7]), (thrown: Error) =>
    /field lines.*int to string.*topic version/.test(thrown.message),
  )
})
