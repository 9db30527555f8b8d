import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cron } from '#engine/time'
import type { CatchUp, Entry, ScheduleEvent } from './contract.ts'
import { type Due, standingOf } from './due.ts'

const HOUR = 3_600_000
const at = (hour: number, minute = 0): number => Date.UTC(2026, 0, 1, hour, minute)
const entry = (catchUp: CatchUp, over: Partial<Entry> = {}): Entry => ({
  name: 'verify',
  cron: 'hourly',
  timeZone: 'UTC',
  moments: cron('hourly', 'UTC'),
  catchUp,
  timeoutMs: HOUR,
  ...over,
})
const declared: ScheduleEvent = { kind: 'declared', entry: 'verify', at: at(0, 30), cron: 'hourly', timeZone: 'UTC' }
const started = (hour: number, when = at(hour), attempt = 1): ScheduleEvent => ({
  ...{ kind: 'started', entry: 'verify', at: when, scheduledAt: at(hour), attempt, trigger: 'time' },
})
const ended = (hour: number, outcome: ScheduleEvent['outcome'], attempt = 1): ScheduleEvent => ({
  ...{ kind: 'ended', entry: 'verify', at: at(hour, 1), scheduledAt: at(hour), attempt, trigger: 'time' },
  ...(outcome === undefined ? {} : { outcome }),
})
const due = (catchUp: CatchUp, events: readonly ScheduleEvent[], now: number): Partial<Due> | undefined =>
  standingOf(entry(catchUp), events, now).due

test('nothing is due before the entry is declared, and its moments count from then on', () => {
  assert.equal(standingOf(entry('each'), [], at(5)).declared, false)
  assert.equal(due('each', [], at(5)), undefined)
  assert.equal(due('each', [declared], at(0, 59)), undefined)
  assert.deepEqual(due('each', [declared], at(1)), { scheduledAt: at(1), attempt: 1, trigger: 'time', passedOver: 0 })
})

test('missed moments: each, oldest first; the last, telling how many it stands for; none', () => {
  const events = [declared, started(1), ended(1, 'succeeded')]
  assert.deepEqual(due('each', events, at(4, 30)), {
    scheduledAt: at(2),
    attempt: 1,
    trigger: 'catch-up',
    passedOver: 0,
  })
  assert.deepEqual(due('last', events, at(4, 30)), {
    scheduledAt: at(4),
    attempt: 1,
    trigger: 'catch-up',
    passedOver: 2,
  })
  assert.equal(due('none', events, at(4, 30)), undefined)
  assert.deepEqual(due('none', events, at(5)), { scheduledAt: at(5), attempt: 1, trigger: 'time', passedOver: 3 })
})

test('what runs is not run beside itself, and counts as lost when it shows no sign of life', () => {
  const events = [declared, started(1)]
  assert.equal(due('each', events, at(1, 1)), undefined)
  assert.equal(standingOf(entry('each'), events, at(1, 1)).running?.state, 'running')
  const alive = [...events, { ...started(1), kind: 'alive', at: at(2) } as ScheduleEvent]
  assert.equal(due('each', alive, at(2, 1)), undefined)
  assert.deepEqual(due('each', alive, at(2, 2)), { scheduledAt: at(1), attempt: 2, trigger: 'again', passedOver: 0 })
})

test('an interrupted moment is run again, three times at most; a failed one is not', () => {
  assert.equal(due('last', [declared, started(1), ended(1, 'failed')], at(1, 30)), undefined)
  const once = [declared, started(1), ended(1, 'interrupted')]
  assert.equal(due('last', once, at(1, 30))?.attempt, 2)
  const thrice = [...once, started(1, at(1, 10), 2), ended(1, 'interrupted', 2), started(1, at(1, 20), 3)]
  assert.equal(due('last', [...thrice, ended(1, 'interrupted', 3)], at(1, 30)), undefined)
})

test('another expression begins anew: what it would have missed before does not count', () => {
  const often = entry('each', { cron: '* * * * *', moments: cron('* * * * *', 'UTC') })
  const events = [declared, started(1), ended(1, 'succeeded')]
  assert.equal(standingOf(often, events, at(9)).declared, false)
  const again = { ...declared, at: at(9), cron: '* * * * *' }
  assert.equal(standingOf(often, [...events, again], at(9)).due, undefined)
  assert.equal(standingOf(often, [...events, again], at(9, 2)).due?.scheduledAt, at(9, 1))
})

test('a run that somebody asked for takes no moment away', () => {
  const asked: ScheduleEvent[] = [
    { ...started(3), at: at(3, 30), scheduledAt: at(3, 30), trigger: 'asked' },
    { ...ended(3, 'succeeded'), at: at(3, 40), scheduledAt: at(3, 30), trigger: 'asked' },
  ]
  const standing = standingOf(entry('last'), [declared, ...asked], at(3, 50))
  assert.deepEqual([standing.due?.scheduledAt, standing.last?.trigger], [at(3), 'asked'])
})

test('while it is paused no moment is taken; what passed meanwhile counts as missed', () => {
  const events: ScheduleEvent[] = [declared, { kind: 'paused', entry: 'verify', at: at(0, 45) }]
  assert.equal(due('each', events, at(3)), undefined)
  assert.equal(standingOf(entry('each'), events, at(3)).paused, true)
  events.push({ kind: 'resumed', entry: 'verify', at: at(3) })
  assert.equal(due('each', events, at(3))?.scheduledAt, at(1))
  assert.equal(due('last', events, at(3))?.passedOver, 2)
})

test('a run whose process is gone is lost at once, not when its silence has lasted', () => {
  const events: ScheduleEvent[] = [declared, { ...started(1), runner: 'here|1' }]
  const standing = (gone: string) => standingOf(entry('last'), events, at(1, 1), (runner) => runner === gone)
  assert.equal(standing('here|2').running?.state, 'running')
  assert.equal(standing('here|1').running, undefined)
  assert.deepEqual([standing('here|1').due?.trigger, standing('here|1').due?.attempt], ['again', 2])
})
