import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Command } from 'commander'
import { ensureSettings, localAddresses } from '../../../deploy/local/settings.ts'
import { register } from './index.ts'
import { lineFor } from './progress.ts'
import { statusText } from './status.ts'

/** Runs a command line against a data folder of the test's own; resolves with what it printed and its exit code. */
async function kappa(t: TestContext, dataFolder: string, ...args: string[]) {
  const before = { data: process.env.KAPPA_DATA, exitCode: process.exitCode }
  process.env.KAPPA_DATA = dataFolder
  const printed: unknown[] = []
  const log = t.mock.method(console, 'log', (line: unknown) => printed.push(line))
  try {
    const program = new Command('kappa').exitOverride()
    register(program)
    await program.parseAsync(args, { from: 'user' })
    return { printed: printed.join('\n'), exitCode: process.exitCode ?? 0 }
  } finally {
    log.mock.restore()
    process.exitCode = before.exitCode
    if (before.data === undefined) delete process.env.KAPPA_DATA
    else process.env.KAPPA_DATA = before.data
  }
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('every command has a description and examples in its help', () => {
  const program = new Command('kappa')
  register(program)
  assert.deepEqual(
    program.commands.map((command) => command.name()),
    ['up', 'down', 'status', 'doctor', 'purge'],
  )
  for (const command of program.commands) {
    let help = ''
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
    assert.ok(command.description().length > 20)
    assert.match(help, new RegExp(`Examples:\\n(.*\\n)*  .*kappa ${command.name()}`), command.name())
  }
})

test('status of a stack that was never started', async (t) => {
  const folder = join(temporaryFolder(t), 'never')
  const { printed, exitCode } = await kappa(t, folder, 'status')
  assert.match(printed, /kafka +stopped \(never started\)/)
  assert.match(printed, /kappa up$/)
  assert.equal(exitCode, 1)
  assert.equal(existsSync(folder), false, 'looking makes nothing')
})

test('status --json gives every address and credential, also while the stack is down', async (t) => {
  const folder = temporaryFolder(t)
  ensureSettings(folder)
  const { printed, exitCode } = await kappa(t, folder, 'status', '--json')
  const status = JSON.parse(printed)
  assert.deepEqual(status.addresses, localAddresses(folder))
  assert.equal(status.dataFolder, folder)
  for (const { health } of status.services) assert.equal(health, 'stopped')
  assert.equal(exitCode, 1)
})

test('the table shows what a client needs, and keeps the master key to itself', (t) => {
  const folder = temporaryFolder(t)
  const { redis, s3, clickhouse } = ensureSettings(folder)
  const addresses = localAddresses(folder)
  assert.ok(addresses)
  const text = statusText([{ service: 'kafka', home: 'local', health: 'healthy', address: '127.0.0.1:1' }], addresses)
  for (const secret of [redis.password, s3.secretAccessKey, clickhouse.password, clickhouse.reader.password]) {
    assert.ok(text.includes(secret))
  }
  assert.equal(text.includes(addresses.masterKey), false)
})

test('down without a stack says so', async (t) => {
  const { printed } = await kappa(t, temporaryFolder(t), 'down')
  assert.equal(printed, 'Nothing was running.')
})

test('purge asks first: without a terminal it refuses, with --yes it deletes', async (t) => {
  const folder = join(temporaryFolder(t), 'data')
  ensureSettings(folder)
  if (!process.stdin.isTTY) {
    await assert.rejects(kappa(t, folder, 'purge'), { code: 'CONFIG_INVALID', message: /--yes/ })
    assert.ok(existsSync(join(folder, 'master.key')))
  }
  assert.match((await kappa(t, folder, 'purge', '--yes')).printed, /master\.key\n(.*\n)*Deleted\.$/)
  assert.equal(existsSync(folder), false)
  assert.equal((await kappa(t, folder, 'purge', '--yes')).printed, 'There is nothing to delete.')
})

test('purge of a folder that is not ours touches nothing', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'thesis'))
  writeFileSync(join(folder, 'thesis', 'text'), 'five years')
  await assert.rejects(kappa(t, folder, 'purge', '--yes'), { code: 'CONFIG_INVALID' })
  assert.ok(existsSync(join(folder, 'thesis', 'text')))
})

test('a slow service is told with its reason', () => {
  const event = { kind: 'waiting', service: 'kafka', elapsed: 5_230, reason: 'connect ECONNREFUSED' } as const
  assert.equal(lineFor(event), '  kafka is slow to come, 5.2 s so far: connect ECONNREFUSED')
  assert.equal(lineFor({ kind: 'starting', service: 'kafka', pid: 1 }), undefined)
})
