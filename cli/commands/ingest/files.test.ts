import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { temporaryFolder } from '../../../deploy/local/temporary.ts'
import { exitCodeOf } from '../../exit.ts'
import { register as trace } from '../trace/index.ts'
import { register as verify } from '../verify/index.ts'
import { register } from './index.ts'

/** The exit code and message of a command line that ends before any service is asked. */
async function refusal(args: readonly string[]): Promise<{ code: number; message: string }> {
  const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  for (const one of [register, trace, verify]) one(program)
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : ''
    return { code: thrown instanceof CommanderError ? 2 : exitCodeOf(thrown), message }
  }
  return assert.fail('it was accepted')
}

test('a source, a flag or a config that cannot be used ends in exit 2 and is named', async (t) => {
  const config = join(temporaryFolder(t), 'files.yml')
  writeFileSync(config, 'sources: [{ name: crm, from: data, still: soon, files: [] }]')
  for (const [args, message] of [
    [['ingest', 'files', '--source', 'crmm'], /source 'crmm': there are staging, web, crm/],
    [['ingest', 'files', '--every', 'soon'], /--every/],
    [['ingest', 'files', '--again', 'a.csv'], /--again: it needs one --source/],
    [['ingest', 'files', '--config', config], /files\.yml: source crm: still is not a duration/],
    [['ingest', 'files', '--config', `${config}.none`], /reading .*files\.yml\.none/],
    [['verify', '--source', 'nobody'], /source 'nobody'/],
    [['trace', 'file', 'a.csv', '--source', 'nobody'], /source 'nobody'/],
    [['trace', 'file', 'a.csv', '--line', '0'], /--line/],
  ] as const) {
    const refused = await refusal(args)
    assert.equal(refused.code, 2, args.join(' '))
    assert.match(refused.message, message)
  }
})
