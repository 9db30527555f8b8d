import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { registerCommands } from './index.ts'

const namesOf = async (wanted?: string): Promise<readonly string[]> => {
  const program = new Command('kappa')
  await registerCommands(program, wanted)
  return program.commands.map((command) => command.name())
}

test('a command is there by its name without the others; all are where it is misspelt, or has to know them', async () => {
  const all = await namesOf()
  assert.ok(all.length > 20)
  for (const name of all) {
    const there = await namesOf(name)
    assert.ok(there.includes(name), name)
    if (name === 'schedule' || name === 'flow') assert.deepEqual(there, all)
    else assert.ok(there.length <= 5, `${name} loads ${there}`)
  }
  for (const none of ['snik', '--help', 'constructor', '']) assert.deepEqual(await namesOf(none), all)
})
