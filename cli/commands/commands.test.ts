import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { registerCommands } from './index.ts'

const namesOf = async (...wanted: string[]): Promise<readonly string[]> => {
  const program = new Command('kappa')
  await registerCommands(program, wanted)
  return program.commands.map((command) => command.name())
}

test('commands are there by their names without the others; all are where one is misspelt', async () => {
  const all = await namesOf()
  assert.ok(all.length > 20)
  for (const name of all) {
    const there = await namesOf(name)
    assert.ok(there.includes(name), name)
    assert.ok(there.length <= 5, `${name} loads ${there}`)
  }
  assert.deepEqual(await namesOf('tail', 'run'), ['run', 'tail'])
  assert.deepEqual(await namesOf('tail', 'snik'), all)
  for (const none of ['snik', '--help', 'constructor', '']) assert.deepEqual(await namesOf(none), all)
})
