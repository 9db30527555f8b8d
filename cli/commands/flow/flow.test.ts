import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { cron } from '#engine/time'
import type { FlowEvent } from '#schemas'
import { flowsFile } from '../../../deploy/config.ts'
import { readFlows } from '../../../deploy/flows.ts'
import { exitCodeOf } from '../../exit.ts'
import { registerCommands } from '../index.ts'
import { expectCommands } from '../schedule/command.ts'
import { finishedSteps } from './log.ts'
import { dateOf, latestMoment, momentsBetween, momentsOf } from './moments.ts'

const flow = (expression: string, timeZone = 'UTC', dateOffset = -1) => ({
  ...{ name: 'f', timeZone, dateOffset, moments: cron(expression, timeZone) },
})
const iso = (moments: readonly number[]): readonly string[] => moments.map((at) => new Date(at).toISOString())

test("every step of the repository's flows is a command of ours", async () => {
  for (const { steps } of readFlows(flowsFile({}))) await expectCommands(steps)
})

test('the runs about a day: moments of the day behind it, in the zone of the flow', () => {
  assert.deepEqual(iso(momentsOf(flow('30 0 * * *'), '2026-01-31', '--date')), ['2026-02-01T00:30:00.000Z'])
  const berlin = flow('0 */12 * * *', 'Europe/Berlin', 0)
  assert.deepEqual(iso(momentsOf(berlin, '2026-03-29', '--date')), [
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T10:00:00.000Z',
  ])
  for (const moment of momentsOf(berlin, '2026-03-29', '--date')) assert.equal(dateOf(berlin, moment), '2026-03-29')
  assert.deepEqual(momentsOf(flow('0 0 * * 1'), '2026-01-31', '--date'), [])
})

test('a range has every moment of every day, oldest first, and has to be one', () => {
  const days = momentsBetween(flow('30 0 * * *'), '2026-02-27', '2026-03-02').map((at) => dateOf(flow('daily'), at))
  assert.deepEqual(days, ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'])
  assert.throws(() => momentsBetween(flow('daily'), '2026-02-02', '2026-02-01'), { code: 'CONFIG_INVALID' })
  assert.throws(() => momentsBetween(flow('daily'), '2026-02-30', '2026-03-01'), { message: /--from/ })
})

test('the latest moment, also of what runs once a year', () => {
  const now = Date.UTC(2026, 4, 5, 12)
  assert.deepEqual(iso([latestMoment(flow('30 0 * * *'), now), latestMoment(flow('yearly'), now)]), [
    '2026-05-05T00:30:00.000Z',
    '2026-01-01T00:00:00.000Z',
  ])
})

test('finished is what succeeded for the moment, in any run, since it was last begun afresh', () => {
  const event = (step: string | null, more: Partial<FlowEvent> = {}): FlowEvent => ({
    ...{ eventId: '', flow: 'f', date: '2026-01-01', scheduledAt: 1, trigger: 'TIME', runAttempt: 1, afresh: false },
    ...{ step, attempt: 1, kind: 'ENDED', outcome: 'SUCCEEDED', exitCode: 0, seconds: 1, reason: null, at: 2 },
    ...more,
  })
  const begun = (more: Partial<FlowEvent> = {}) => event(null, { kind: 'STARTED', outcome: null, ...more })
  const events = [begun(), event('a'), event('b', { outcome: 'FAILED' }), event('c', { scheduledAt: 2 }), begun()]
  assert.deepEqual([...finishedSteps(events, 'f', 1)], ['a'])
  assert.deepEqual([...finishedSteps(events, 'g', 1)], [])
  assert.deepEqual([...finishedSteps([...events, begun({ afresh: true }), event('b')], 'f', 1)], ['b'])
})

test('a wrong flag or date ends in exit 2 and is named', async () => {
  const refusal = async (...args: string[]): Promise<{ code: number; message: string }> => {
    const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    await registerCommands(program)
    try {
      await program.parseAsync(args, { from: 'user' })
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : ''
      return { code: thrown instanceof CommanderError ? 2 : exitCodeOf(thrown), message }
    }
    return assert.fail('it was accepted')
  }
  for (const [line, message] of [
    ['flow backfill shop-day --from 2026-01-01', /--to/],
    ['flow run', /name/],
    ['flow history --limit 0', /--limit/],
    ['flow run shop-day --colour red', /--colour/],
  ] as const) {
    const refused = await refusal(...line.split(' '))
    assert.equal(refused.code, 2, line)
    assert.match(refused.message, message)
  }
})
