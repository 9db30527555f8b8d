import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cron } from '#engine/time'
import { scheduleFile } from '../../../deploy/config.ts'
import { type DeclaredEntry, readSchedule } from '../../../deploy/schedule.ts'
import { expectCommands, filled, runsCommands } from './command.ts'

const entry = (...run: string[]): DeclaredEntry => ({
  ...{ name: 'a', doc: '', cron: 'daily', timeZone: 'UTC', moments: cron('daily', 'UTC'), run },
  ...{ catchUp: 'last', timeoutMs: 60_000, enabled: true },
})

test("every entry of the repository's schedule is a command of ours", async () => {
  await expectCommands(readSchedule(scheduleFile({})).entries)
})

test('an entry that runs no command is refused, telling those there are', async () => {
  const refused = { code: 'CONFIG_INVALID' } as const
  await assert.rejects(expectCommands([entry('verfy')]), {
    ...refused,
    message: /entry a: 'verfy' is not.*verify/,
  })
  await assert.rejects(expectCommands([entry('sink', 'compress')]), {
    ...refused,
    message: /'compress'.*compact/,
  })
  await assert.rejects(expectCommands([entry('sink')]), {
    ...refused,
    message: /'sink' is not a whole command/,
  })
})

test('a command that does something by itself is whole, though others stand below it', async () => {
  await expectCommands([
    entry('topology', 'revenue-per-minute'),
    entry('topology', 'docs', '--check'),
    entry('topology'),
  ])
  await expectCommands([
    entry('api', '--port', '8080'),
    entry('api', 'token', 'list'),
    entry('sources'),
    entry('sources', '--json'),
  ])
  const refused = { code: 'CONFIG_INVALID' } as const
  await assert.rejects(expectCommands([entry('sources', 'lst')]), { ...refused, message: /'lst' is not.*list/ })
  await assert.rejects(expectCommands([entry('marts', '--json')]), { ...refused, message: /'--json' is not.*build/ })
})

test('a moment is filled in, by the calendar of its zone', () => {
  const at = Date.UTC(2026, 2, 1, 3)
  assert.equal(filled('{{day}} {{previousDay}} {{month}}', at, 'UTC'), '2026-03-01 2026-02-28 2026-03')
  assert.equal(filled('--from={{day}}', at, 'America/New_York'), '--from=2026-02-28')
  assert.equal(filled('{{time}}', at, 'America/New_York'), '2026-03-01T03:00:00.000Z')
  assert.equal(filled('{{previousDay}}', Date.UTC(2025, 2, 10, 5), 'America/New_York'), '2025-03-09')
})

test('a command runs in a process of its own: its exit code, and what it said last', async () => {
  const run = (...args: string[]) => {
    const declared = entry(...args)
    return runsCommands([declared])(
      declared,
      { scheduledAt: 0, attempt: 1, trigger: 'time' },
      new AbortController().signal,
    )
  }
  const [good, failed] = await Promise.all([run('topology'), run('produce', 'shop', '--mode', 'sideways')])
  assert.deepEqual(good, { exitCode: 0 })
  assert.equal(failed.exitCode, 2)
  assert.match(failed.reason ?? '', /exit code 2: .*--mode/)
})

test('a command is told to stop when its run is', async () => {
  const declared = entry('produce', 'shop', '--mode', 'stream', '--to', 'stdout')
  const stop = new AbortController()
  const running = runsCommands([declared], () => stop.abort())(
    declared,
    { scheduledAt: 0, attempt: 1, trigger: 'time' },
    stop.signal,
  )
  const { exitCode } = await running
  assert.notEqual(exitCode, 1)
})
