import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { kafkaBroker } from '#engine/broker'
import { type Run, ScheduleHistory } from '#engine/schedule'
import { systemClock } from '#engine/time'
import { install, type Outcome, until } from './installation.ts'

const HOUR = 3_600_000

const expectCode = (outcome: Outcome, code: number): Outcome => {
  assert.equal(outcome.code, code, `${outcome.out}\n${outcome.err}`)
  return outcome
}

test('missed runs are caught up with their own times, failures told, and a killed scheduler leaves nothing undone', {
  timeout: 300_000,
}, async (t) => {
  await using kappa = await install()
  const file = join(kappa.folder, 'schedule.yml')
  process.env.KAPPA_SCHEDULE = file
  t.after(() => delete process.env.KAPPA_SCHEDULE)
  const declare = (...entries: object[]) => writeFileSync(file, JSON.stringify({ entries }))
  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'test' })
  const history = new ScheduleHistory({ broker, app: 'kappa', clock: systemClock })
  await using _ = {
    async [Symbol.asyncDispose]() {
      await history.close()
      await broker.close()
    },
  }
  await history.ensure()
  const schedule = (...args: string[]): Promise<Outcome> => kappa.run('schedule', ...args)
  const runs = async (...flags: string[]): Promise<readonly Run[]> =>
    JSON.parse(expectCode(await schedule('history', ...flags, '--json'), 0).out)

  const hour = Math.floor(systemClock.now() / HOUR) * HOUR
  const declaredAt = hour - 2 * HOUR - 1
  const hourly = { cron: 'hourly', timeZone: 'UTC' }
  for (const entry of ['describe', 'broken']) await history.note({ kind: 'declared', entry, at: declaredAt, ...hourly })
  declare(
    { name: 'describe', ...hourly, run: 'topology revenue-per-minute', catchUp: 'each' },
    { name: 'broken', ...hourly, run: 'topology no-such-processor', catchUp: 'last' },
    { name: 'later', cron: 'yearly', run: 'verify' },
  )

  await t.test('what was missed is run: each moment, or one for all', async () => {
    const { out, err } = expectCode(await schedule('run', '--once', '--json'), 1)
    assert.match(err, /broken failed/)
    const ends = JSON.parse(out) as readonly { entry: string; scheduledAt: number; outcome: string }[]
    const shown = ends.map(({ entry, scheduledAt, outcome }) => `${entry} ${(scheduledAt - hour) / HOUR} ${outcome}`)
    const expected = ['broken 0 failed', 'describe -1 succeeded', 'describe -2 succeeded', 'describe 0 succeeded']
    assert.deepEqual(shown.sort(), expected)
    const [failed] = await runs('broken', '--failed')
    assert.deepEqual([failed?.passedOver, failed?.trigger, failed?.exitCode], [2, 'catch-up', 2])
    assert.match(failed?.reason ?? '', /no-such-processor/)
  })

  await t.test('the list tells of it; --check ends with 1', async () => {
    const { out, err } = expectCode(await schedule('list', '--check', '--json'), 1)
    assert.match(err, /broken failed/)
    const states = (JSON.parse(out) as readonly { name: string; state: string }[]).map(({ state }) => state)
    assert.deepEqual(states, ['succeeded', 'failed', 'never ran'])
    const { out: alerts } = expectCode(await kappa.run('tail', 'kappa.alerts.v1', '--last', '1', '--count', '1'), 0)
    assert.match(alerts, /"firing".*broken failed/)
  })

  await t.test('a run that is asked for ends with its own exit code, and the failure is over', async () => {
    expectCode(await schedule('now', 'broken'), 2)
    declare({ name: 'broken', ...hourly, run: 'topology revenue-per-minute' })
    assert.match(expectCode(await schedule('now', 'broken'), 0).out, /revenue-per-minute/)
    expectCode(await schedule('list', '--check'), 0)
    expectCode(await schedule('now', 'nothing'), 2)
  })

  await t.test('stopped in the middle of a run: the command is stopped with it, and taken up again', async () => {
    const long = 'produce shop --mode batch --to stdout --start-date 2025-01-01'
    declare({
      name: 'traffic',
      cron: '* * * * *',
      run: `${long} --end-date 2025-12-31 --events-per-day 100000`,
      catchUp: 'last',
    })
    await history.note({ kind: 'declared', entry: 'traffic', at: hour, cron: '* * * * *', timeZone: 'UTC' })
    const first = kappa.start('schedule', 'run')
    await until(
      () => runs('traffic'),
      ([last]) => last?.state === 'running',
      60_000,
    )
    expectCode(await schedule('now', 'traffic'), 5)
    first.child.kill('SIGTERM')
    expectCode(await first.ended, 0)
    declare({ name: 'traffic', cron: '* * * * *', run: `${long} --end-date 2025-01-01`, catchUp: 'last' })
    expectCode(await schedule('run', '--once'), 0)
    const states = (await runs('traffic')).map(({ state }) => state)
    assert.deepEqual(states.slice(-2), ['succeeded', 'interrupted'])
  })
})
