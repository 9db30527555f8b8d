import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { processors } from '../../../processors/index.ts'
import { describedProcessor } from './describe.ts'
import { diagramOf, overview } from './text.ts'

const kappa = (...argv: string[]) =>
  spawnSync(process.execPath, [resolve(import.meta.dirname, '../../kappa.mjs'), 'topology', ...argv], {
    encoding: 'utf8',
  })
const described = processors.map((processor) => ({ doc: processor.doc, ...describedProcessor(processor).topology }))

test('the overview and the diagram hold every processor, what it reads and what it writes', () => {
  for (const text of [overview(described), diagramOf(described)])
    for (const { processor, inputs, result } of described)
      for (const name of [processor, result.topic, ...inputs.map(({ topic }) => topic)])
        assert.ok(text.includes(name), name)
})

test('every processor is described whole: each output column with its origins, each stage with its topics', () => {
  for (const processor of processors) {
    const { text, mermaid, topology } = describedProcessor(processor)
    assert.deepEqual(
      topology.lineage.map(({ column }) => column),
      processor.plan.destination.contract.fields.map(({ name }) => name),
    )
    for (const { column, from, by } of topology.lineage) {
      assert.ok(from.length > 0 || by.length > 0, `${topology.processor}.${column} comes from somewhere`)
      assert.ok(text.includes(column))
    }
    assert.equal(topology.topics?.stages.length, topology.rekey ? 2 : 1)
    for (const { changelog } of topology.topics?.stages ?? []) {
      assert.ok(text.includes(changelog))
      assert.ok(mermaid.includes(changelog))
    }
  }
})

test('a processor that is not there ends with 2 and names those that are; JSON is JSON', () => {
  const unknown = kappa('revenue-per-week')
  assert.equal(unknown.status, 2)
  assert.match(unknown.stderr, /'revenue-per-week'.*revenue-per-minute/)
  const { stdout, status } = kappa('masked-purchases', '--format', 'json')
  assert.equal(status, 0)
  const email = JSON.parse(stdout).lineage.find(({ column }: { column: string }) => column === 'emailPseudonym')
  assert.deepEqual([email.pii, email.by], ['pseudonym', ['mask (pseudonym)']])
  assert.deepEqual(email.from, [{ topic: 'shop.purchases.v1', field: 'email', personal: true }])
})

test('topics are those of the generation shown, and the text says whether it is the one in force', () => {
  const [processor] = processors
  assert.ok(processor)
  const { name } = processor.plan
  const first = describedProcessor(processor)
  assert.ok(first.text.includes(`${name}-g1.late`))
  assert.match(first.text, /generation 1; which one is in force, Kafka did not say/)
  const third = describedProcessor(processor, { generation: 3, inForce: true })
  assert.ok(third.text.includes(`${name}-g3.late`) && !third.text.includes(`${name}-g1.`))
  assert.match(third.text, /generation 3, which is in force/)
  assert.deepEqual([third.topology.topics?.generation, third.topology.topics?.inForce], [3, true])
})
