import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf } from '../../exit.ts'
import { rebuildClickHouse, type TableFlags } from './rebuild-table.ts'

const refusal = async (flags: Partial<TableFlags>): Promise<{ readonly code: number; readonly text: string }> => {
  try {
    await rebuildClickHouse({ source: 'auto', ...flags })
  } catch (thrown) {
    return { code: exitCodeOf(thrown), text: String(thrown) }
  }
  return assert.fail('it was taken')
}

test('what cannot be rebuilt ends with 2 and the way out, before anything is opened', async () => {
  const topic = ['retail.purchase-lines.v1']
  for (const [flags, message] of [
    [{}, /name one topic \(--topic retail\.purchase-lines\.v1\)/],
    [{ topic: [...topic, 'retail.products.v1'] }, /name one topic/],
    [{ topic: ['shop.purchases.v1'] }, /has no table in ClickHouse \(kappa sink status clickhouse/],
    [{ topic, clear: true }, /--clear is for redis/],
    [{ topic, rollback: true, cancel: true }, /not both/],
  ] as const) {
    const { code, text } = await refusal(flags)
    assert.equal(code, 2, text)
    assert.match(text, message)
  }
})
