import { kafkaBroker } from '#engine/broker'
import { KappaError, reasonOf } from '#engine/errors'
import { memoryRegistry, type Topic, topic } from '#engine/schema'
import { boundedImport } from './import.ts'
import { inBatches, row, type SourceRow } from './row.ts'

/** A process that imports numbers, to be killed: `import-fixture.ts BROKERS ROWS`. Prints the summary as JSON. */
export interface Numbered {
  readonly number: number
  readonly countedAt: number
}

export const numbered: Topic<Numbered> = topic<Numbered>({
  type: 'record',
  name: 'Numbered',
  namespace: 'test',
  doc: 'A number.',
  topic: {
    name: 'test.numbers.v1',
    kind: 'facts',
    key: 'number',
    time: 'countedAt',
    id: 'number',
    partitions: 4,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [
    { name: 'number', type: 'long', doc: 'The number.', rule: { min: 0 } },
    { name: 'countedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' },
  ],
})

/** Every thousandth row is broken. */
function* rows(from: number, count: number): Generator<SourceRow> {
  for (let i = from; i < count; i++) {
    const value = { number: i % 1_000 === 999 ? -1 : i, countedAt: i }
    yield row(numbered, value, { file: 'numbers', line: i + 1 })
  }
}

export async function importNumbers(brokers: string, count: number, onRows: (rows: number) => void = () => {}) {
  const broker = kafkaBroker({ brokers: brokers.split(',') })
  const registry = memoryRegistry()
  await registry.register(numbered)
  try {
    return await boundedImport({
      importId: 'numbers',
      name: 'numbers',
      app: 'test',
      source: { name: 'numbers', sha256: '0'.repeat(64) },
      topics: [numbered],
      async *rows(after) {
        yield* inBatches(rows(after, count), 1_000)
      },
      broker,
      registry,
      onProgress: (progress) => onRows(progress.rows),
    })
  } finally {
    await broker.close()
  }
}

const [, script, brokers, count] = process.argv
if (script === import.meta.filename && brokers !== undefined) {
  const tell = (line: string) => process.stdout.write(`${line}\n`)
  try {
    tell(JSON.stringify(await importNumbers(brokers, Number(count), (rows) => tell(String(rows)))))
  } catch (thrown) {
    tell(JSON.stringify({ failed: thrown instanceof KappaError ? thrown.code : 'UNKNOWN', reason: reasonOf(thrown) }))
    process.exitCode = 1
  }
}
