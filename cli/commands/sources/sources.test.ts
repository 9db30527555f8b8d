import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tableOf } from '#engine/schema'
import { catalogueItems } from '#schemas'
import { flowsFile, repositoryRoot } from '../../../deploy/config.ts'
import { readFlows } from '../../../deploy/flows.ts'
import { ruleSets } from '../../../schemas/rule-sets.ts'
import { routes } from '../../../sinks/index.ts'
import { knownSources } from './known.ts'
import { sourcesPart } from './page.ts'

const page = () => readFileSync(join(repositoryRoot, 'docs', 'catalogue.md'), 'utf8')

test('every kind of source is there, and every contract that it leads to', () => {
  const kinds = new Set(knownSources().map(({ kind }) => kind))
  assert.deepEqual([...kinds], ['generator', 'files', 'http', 'pages', 'sql', 'collect', 'data set'])
  const routed = new Set(routes.map(({ topic }) => topic.name))
  const lost = knownSources().flatMap(({ topics }) => topics.filter(({ name }) => !routed.has(name)))
  assert.deepEqual(lost, [], 'what comes in has a place to go')
})

test('rule sets and flows have a row each, with the command that runs them', () => {
  const text = page()
  for (const { name, to } of ruleSets) {
    assert.ok(text.includes(`\`kappa run processor ${name}\``), name)
    assert.ok(text.includes(`[\`${to.name}\`]`), to.name)
  }
  const flows = readFlows(flowsFile({}))
  assert.ok(flows.length > 0)
  for (const { name } of flows) assert.ok(text.includes(`\`kappa flow run ${name}\``), name)
})

test('every table has a row that says what looks a row up in it, and who answers', () => {
  const text = page()
  for (const { topic, clickhouse } of routes) {
    const { database, name } = tableOf(topic)
    const row = text.split('\n').find((line) => line.startsWith(`| \`${database}.${name}`) && line.includes(topic.name))
    assert.equal(row !== undefined, clickhouse, topic.name)
    if (topic.contract.topic.serving !== undefined)
      assert.match(row ?? '', /: Redis, for 2 days; ClickHouse, sorted by/)
  }
  assert.match(text, /`kappa lookup silver.departures origin=… --from … --to …`: by `scheduledAt`, ClickHouse, sorted/)
  assert.match(text, /`kappa lookup aviation.flights flightId=…`: ClickHouse, which reads/)
})

test('a source is a row, with its command and what it leads to', () => {
  const text = sourcesPart([
    {
      kind: 'pages',
      name: 'shelf',
      doc: 'this | that',
      command: 'ingest pages --source shelf',
      topics: [catalogueItems],
    },
  ])
  assert.match(
    text,
    /\*\*shelf\*\*: this \\\| that \| `kappa ingest pages --source shelf` \| \[`inventory.catalogue-items.v1`\]\(..\/schemas\/inventory/,
  )
})
