import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { memoryRegistry, parseContract, readContracts, topicOf } from '#engine/schema'
import { topics } from '#schemas'
import { repositoryRoot } from '../../../deploy/config.ts'
import { compareWithRegistry, requireCompatible } from './check.ts'
import { bringInLine, differences, requireFresh } from './generated.ts'
import { register } from './index.ts'

const contracts = readContracts(join(repositoryRoot, 'schemas'))

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function run(...args: string[]): Promise<unknown> {
  const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {} })
  register(program)
  for (const command of program.commands[0]?.commands ?? [])
    command.exitOverride().configureOutput({ writeErr: () => {} })
  return program.parseAsync(['schemas', ...args], { from: 'user' })
}

test('generating brings a folder in line: what is missing, outdated or superfluous', (t) => {
  const folder = join(temporaryFolder(t), 'generated')
  bringInLine(folder, contracts)
  assert.equal(differences(folder, contracts).size, 0)
  writeFileSync(join(folder, 'shop.ts'), 'edited by hand')
  writeFileSync(join(folder, 'gone.ts'), '')
  rmSync(join(folder, 'index.ts'))
  const expected = { 'shop.ts': 'outdated', 'gone.ts': 'superfluous', 'index.ts': 'missing' }
  assert.deepEqual(Object.fromEntries(differences(folder, contracts)), expected)
  assert.throws(() => requireFresh(folder, contracts), {
    code: 'SCHEMA_INVALID',
    message: /shop\.ts.*kappa schemas generate/,
  })
  assert.deepEqual(Object.fromEntries(bringInLine(folder, contracts)), expected)
  requireFresh(folder, contracts)
})

test('a contract in the wrong place or that is no JSON is refused with its file', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'shop'))
  const text = readFileSync(join(repositoryRoot, 'schemas/shop/clicks.avsc'), 'utf8')
  writeFileSync(join(folder, 'shop', 'taps.avsc'), text)
  assert.throws(() => readContracts(folder), {
    code: 'SCHEMA_INVALID',
    message: /shop\/taps\.avsc.*shop\/clicks\.avsc/,
  })
  writeFileSync(join(folder, 'shop', 'taps.avsc'), '{')
  assert.throws(() => readContracts(folder), { code: 'SCHEMA_INVALID', message: /shop\/taps\.avsc/ })
})

test('every incompatible contract is named with its field', async () => {
  const registry = memoryRegistry()
  for (const topic of topics) await registry.register(topic)
  requireCompatible(await compareWithRegistry(contracts, registry))
  const changed = contracts.map((contract) => {
    if (contract.topic.name !== 'weather.observations.v1') return contract
    const json = JSON.parse(contract.avro) as { fields: unknown[] }
    json.fields.push({ name: 'sunshine', type: 'double', doc: 'Hours.' })
    return parseContract(json)
  })
  const verdicts = await compareWithRegistry(changed, registry)
  assert.throws(() => requireCompatible(verdicts), {
    code: 'SCHEMA_INCOMPATIBLE',
    message: /weather\.observations\.v1: field sunshine/,
  })
  assert.equal(verdicts.filter(({ reason }) => reason !== undefined).length, 1)
})

test('check --offline needs no stack; list names every topic', async (t) => {
  const printed: string[] = []
  t.mock.method(console, 'log', (line: string) => printed.push(line))
  await run('check', '--offline')
  assert.match(printed.join('\n'), /well formed/)
  await run('list', '--json')
  const listed = JSON.parse(printed.at(-1) ?? '') as { topic: { name: string } }[]
  assert.deepEqual(
    listed.map(({ topic }) => topic.name),
    topics.map(({ name }) => name),
  )
  await run('list')
  for (const { name } of topics) assert(printed.at(-1)?.includes(name))
})

test('a wrong flag is refused by name; a registry that is away is waited for, with a message', async (t) => {
  await assert.rejects(
    run('check', '--wait', 'long'),
    (thrown) => thrown instanceof CommanderError && /--wait/.test(thrown.message),
  )
  await assert.rejects(
    run('check', '--registry', 'x'),
    (thrown) => thrown instanceof CommanderError && /--registry/.test(thrown.message),
  )
  const told: string[] = []
  t.mock.method(console, 'error', (line: string) => told.push(line))
  const away = ['--registry', 'http://127.0.0.1:9', '--wait', '1 second']
  await assert.rejects(run('register', ...away), { code: 'SERVICE_UNAVAILABLE', retriable: true })
  assert.deepEqual(told, ['waiting for the schema registry at http://127.0.0.1:9'])
})

test('a topic made from a contract file is the generated one', () => {
  const [first] = contracts
  assert(first)
  assert.equal(topicOf(first).contract.avro, topics[0]?.contract.avro)
})
