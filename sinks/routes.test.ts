import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topics } from '#schemas'
import { routes } from './routes.ts'

test('every topic that has a contract has one route, and only what is not sealed goes to ClickHouse', () => {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).sort()
  assert.deepEqual(names(routes.map(({ topic }) => topic)), names(topics))
  for (const { topic, clickhouse } of routes) {
    const sealed = topic.contract.fields.some(({ pii }) => pii?.sealed === true)
    if (sealed) assert.equal(clickhouse, false, topic.name)
  }
})
