import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { type Broker, kafkaBroker } from '#engine/broker'
import { cacheFolder } from '../../deploy/config.ts'
import { startStack } from '../../deploy/local/index.ts'
import { typescriptFlags } from '../../deploy/local/processes/typescript.ts'
import type { ImportSummary } from './import.ts'
import { importNumbers, numbered } from './import-fixture.ts'
import { completionsTopic, type ImportCompletion } from './import-log.ts'

const ROWS = 60_000
const KILLS = 8

/** Every committed record of a topic. */
async function read(broker: Broker, topic: string) {
  const [beginnings, ends] = [await broker.admin.beginnings(topic), await broker.admin.committedEnds(topic)]
  const reader = await broker.reader()
  try {
    await reader.assign(beginnings.map((offset, partition) => ({ topic, partition, offset })))
    const records = []
    while (ends.some((end, partition) => (reader.position({ topic, partition }) ?? 0) < end))
      records.push(...(await reader.read(10_000, 50)))
    return records
  } finally {
    await reader.close()
  }
}

/** Runs the importer; kills it once `until` rows are told, or lets it end. The last line that it printed. */
async function run(brokers: string, until: number | undefined): Promise<string> {
  const script = join(import.meta.dirname, 'import-fixture.ts')
  const args = [...typescriptFlags, script, brokers, String(ROWS)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let last = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line
    if (until !== undefined && Number(line) >= until) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return last
}

test('importer and broker killed again and again: every row is there once', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-'))
  const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), services: ['kafka'], ports: 'free' })
  t.after(async () => {
    await stack.stop()
    rmSync(dataFolder, { recursive: true })
  })
  const brokers = stack.addresses.kafka.brokers.join(',')
  const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
  try {
    await broker.admin.ensure([{ name: numbered.name, partitions: 4, settings: {} }])
    let seen = 0
    for (let kill = 1; kill <= KILLS; kill++) {
      seen = Number(await run(brokers, seen + Math.ceil((Math.random() * ROWS) / (KILLS + 2))))
      assert.ok(seen > 0 && seen < ROWS, `killed behind row ${seen}`)
    }
    // The broker dies while an importer works on; that one has to get over it by itself.
    const restarted = async () => {
      await stack.kill('kafka', 'SIGKILL')
      await startStack({ dataFolder, cacheFolder: cacheFolder(), services: ['kafka'] })
    }
    let down: Promise<void> | undefined
    const summary: ImportSummary = await importNumbers(brokers, ROWS, (rows) => {
      if (rows > seen + 2_000) down ??= restarted()
    })
    await down
    assert.ok(down !== undefined, 'the broker was killed during the import')
    assert.ok(summary.resumedAfter >= seen)
    assert.deepEqual(summary.tallies[numbered.name], { written: ROWS - 60, deadLettered: 60, throughTime: ROWS - 2 })
    const records = await read(broker, numbered.name)
    const numbers = new Set(records.map(({ value }) => numbered.decode((value as Buffer).subarray(5)).number))
    assert.deepEqual([records.length, numbers.size], [ROWS - 60, ROWS - 60])
    assert.equal((await read(broker, `${numbered.name}.dead-letter`)).length, 60)
    const completions = (await read(broker, completionsTopic.name)).map(
      ({ value }) => JSON.parse(String(value)) as ImportCompletion,
    )
    assert.deepEqual(
      completions.map(({ partition }) => partition),
      [0, 1, 2, 3],
    )
    for (const { partition, endOffset } of completions)
      assert.ok(records.every((one) => one.partition !== partition || one.offset < endOffset))
    const again = await importNumbers(brokers, ROWS)
    assert.equal(again.alreadyComplete, true)
    assert.equal((await read(broker, numbered.name)).length, ROWS - 60)
  } finally {
    await broker.close()
  }
})
