import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryVault, openSealed, sealedFields, subjectOf } from '#engine/governance'
import type { AnyTopic } from '#engine/schema'
import { temporaryFolder } from '../deploy/local/temporary.ts'
import { landingPlace, shippedSources } from '../producers/connectors/files/landing-fixture.ts'
import { FilesWriter } from '../producers/world/files/index.ts'
import { domains, hoursOf, topicsOf, World } from '../producers/world/index.ts'

const START = Date.UTC(2025, 0, 1)
/** As many customers as a world has by default: whoever's name cannot be read is found. */
const SETTINGS = {
  ...{ seed: 1, start: START, eventsPerDay: 4_000, initialCustomers: 5_000 },
  ...{ frequency: 'daily' as const, incidents: [] },
}

type Row = Readonly<Record<string, unknown>>

const textOf = (row: Row): string =>
  JSON.stringify(
    Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)),
    (_name, value: unknown) => {
      if (Object.is(value, -0)) return '-0'
      return typeof value === 'bigint' ? `${value}n` : value
    },
  )

// On a real stack, to tables: bench/generated-year.ts
test('two days of every domain are the same events, made directly or taken out of the files of the old systems', async (t) => {
  const vault = memoryVault()
  const place = await landingPlace(temporaryFolder(t))
  const writer = new FilesWriter({ folder: place.staging, settings: SETTINGS })
  const made = new Map<string, string[]>()
  for (const { hour, events } of hoursOf(new World(SETTINGS), { domains, start: START, days: 2, tables: true })) {
    writer.write(events, hour)
    for (const { topic, value } of events) {
      const rows = made.get(topic.name) ?? []
      rows.push(textOf(value as Row))
      made.set(topic.name, rows)
    }
  }
  writer.close()
  for (const source of shippedSources()) if (source.name !== 'staging') await place.ingest(source, { vault })

  const opened = async (topic: AnyTopic, value: Row): Promise<Row> => {
    const row: Record<string, unknown> = { ...value }
    for (const { name, pii } of sealedFields(topic.contract)) {
      const subject = subjectOf(value, pii)
      if (value[name] === null || subject === null) continue
      const secret = (await vault.secrets([subject])).get(subject)
      assert.ok(secret, `${topic.name}: a secret of ${pii.subject}`)
      row[name] = openSealed(secret, { topic: topic.name, field: name, subject }, String(value[name]))
    }
    return row
  }
  for (const topic of topicsOf(domains)) {
    assert.deepEqual(place.broker.committed(`${topic.name}.dead-letter`), [], topic.name)
    const taken: string[] = []
    for (const { value } of place.broker.committed(topic.name))
      taken.push(textOf(await opened(topic, topic.decode((value ?? Buffer.alloc(5)).subarray(5)) as Row)))
    const expected = made.get(topic.name) ?? []
    assert.equal(taken.length, expected.length, topic.name)
    assert.deepEqual(taken.sort(), expected.sort(), topic.name)
  }
  assert.ok([...made.values()].flat().length > 15_000)
})
