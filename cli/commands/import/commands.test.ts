import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { exitCodeOf } from '../../exit.ts'
import { register as produce } from '../produce/index.ts'
import { register } from './index.ts'

/** The exit code and message of a command line that ends before any service is asked. */
async function refusal(...args: string[]): Promise<{ code: number; message: string }> {
  const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  register(program)
  produce(program)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : ''
    return { code: thrown instanceof CommanderError ? 2 : exitCodeOf(thrown), message }
  }
  return assert.fail('it was accepted')
}

test('a wrong flag, date or number ends in exit 2 and is named', async () => {
  for (const [line, message] of [
    ['import retail --since 2017-06-01', /--since/],
    ['import retail --from 2017-06-31', /--from: '2017-06-31' is no date/],
    ['import flights --to tomorrow', /--to: 'tomorrow' is no date/],
    ['import flights --from 2013-02-01 --to 2013-01-01', /--to 2013-01-01 is before --from/],
    ['import retail --limit 0', /--limit/],
    ['import nothing', /nothing/],
    ['produce shop', /--mode/],
    ['produce shop --mode batch --start-date 2025-01-01', /--end-date is missing/],
    ['produce shop --mode batch --start-date 2025-01-01 --end-date 2025-00-28', /--end-date/],
    ['produce shop --mode stream --events-per-minute -5', /--events-per-minute/],
    ['produce shop --mode stream --colour red', /--colour/],
  ] as const) {
    const refused = await refusal(...line.split(' '))
    assert.equal(refused.code, 2, line)
    assert.match(refused.message, message)
  }
})

test('help says that both days are included, and what an import promises', async () => {
  const helpOf = (name: string, sub: string) => {
    const program = new Command('kappa')
    register(program)
    produce(program)
    const command = program.commands.find((one) => one.name() === name)?.commands.find((one) => one.name() === sub)
    let text = ''
    command?.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
    return text
  }
  assert.match(helpOf('produce', 'shop'), /both included, has exactly --events-per-day events/)
  assert.match(helpOf('produce', 'shop'), /87 days, 435,000 events/)
  assert.match(helpOf('import', 'retail'), /exactly once/)
  assert.match(helpOf('import', 'flights'), /kappa import flights --from 2013-01-01/)
})
