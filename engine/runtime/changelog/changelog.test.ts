import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { ChangelogWriter, Restorer } from './changelog.ts'

const LARGEST = 8
const writer = new ChangelogWriter('a.changelog', 0, LARGEST)

/** A state that remembers the blocks it was made from. */
class Blocks {
  readonly blocks: string[] = []
  restore(block: Buffer): void {
    this.blocks.push(block.toString())
  }
}

const recordsOf = (values: Iterable<{ key?: Buffer | null; value: Buffer | null }>): KafkaRecord[] =>
  [...values].map(({ key, value }, offset) => ({
    topic: 'a.changelog',
    partition: 0,
    offset,
    timestamp: 0,
    key: key ?? null,
    value,
    headers: {},
  }))

const restored = (records: readonly KafkaRecord[]): string[] => {
  const restorer = new Restorer(() => new Blocks())
  for (const record of records) restorer.take(record)
  return restorer.result().blocks
}

test('a snapshot replaces what stood before it, blocks larger than a record come together again', () => {
  const records = recordsOf([
    ...writer.delta(Buffer.from('old')),
    ...writer.snapshot([Buffer.from('one block of 24 bytes...')]),
  ])
  assert.deepEqual(restored(records), ['one block of 24 bytes...'])
})

test('no record of a changelog is empty: a client may write an empty value as null', () => {
  for (const { value } of writer.snapshot([Buffer.from('state')])) assert.ok((value?.length ?? 0) > 0)
})

test('a bracket that was written as null is still a bracket, a block that was is refused with its offset', () => {
  const nulls = recordsOf(writer.snapshot([Buffer.from('state')])).map((record) =>
    record.key?.toString() === 'snapshot' ? record : { ...record, value: null },
  )
  assert.deepEqual(restored(nulls), ['state'])
  const lost = recordsOf([{ key: Buffer.from('delta'), value: null }])
  assert.throws(() => restored(lost), /'delta' at offset 0/)
})
