import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { kafkaBroker } from '#engine/broker'
import { type Run, ScheduleHistory } from '#engine/schedule'
import { systemClock } from '#engine/time'
import { install, type Outcome, until } from './installation.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

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
  const flowsFile = join(kappa.folder, 'flows.yml')
  process.env.KAPPA_FLOWS = flowsFile
  t.after(() => {
    delete process.env.KAPPA_SCHEDULE
    delete process.env.KAPPA_FLOWS
  })
  const declareFlow = (...steps: object[]) =>
    writeFileSync(flowsFile, JSON.stringify({ flows: steps.length === 0 ? [] : [{ name: 'day', steps }] }))
  declareFlow()
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

  // Half an hour ago, whenever the test runs: a moment that has just been is no missed one.
  const hour = Math.floor((systemClock.now() - HOUR / 2) / MINUTE) * MINUTE
  const declaredAt = hour - 2 * HOUR - 1
  const hourly = { cron: `${new Date(hour).getUTCMinutes()} * * * *`, timeZone: 'UTC' }
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

  await t.test(
    'a flow that was killed goes on where it was; its days are run once; failures are tried again and told',
    async () => {
      const flow = (...args: string[]): Promise<Outcome> => kappa.run('flow', ...args)
      const describe = { name: 'describe', run: 'topology revenue-per-minute' }
      const traffic = 'produce shop --mode batch --to stdout --start-date {{date}} --end-date'
      declareFlow(describe, {
        name: 'traffic',
        after: ['describe'],
        run: `${traffic} 2026-12-31 --events-per-day 100000`,
      })
      const first = kappa.start('flow', 'run', 'day', '--date', '2026-01-05', '--verbose')
      let said = ''
      first.child.stdout?.on('data', (piece: Buffer) => (said += piece))
      await until(
        async () => said,
        (text) => /traffic \|/.test(text),
        60_000,
      )
      expectCode(await flow('run', 'day', '--date', '2026-01-05'), 5)
      first.child.kill('SIGKILL')
      await first.ended

      declareFlow(describe, { name: 'traffic', after: ['describe'], run: `${traffic} {{date}} --events-per-day 10` })
      const resumed = expectCode(await flow('run', 'day', '--date', '2026-01-05'), 0).out
      assert.match(resumed, /describe done before[\s\S]*traffic done/)
      type Shown = { date: string; state: string; steps: readonly { step: string; outcome: string | null }[] }
      const shown = async (): Promise<readonly Shown[]> =>
        JSON.parse(expectCode(await flow('history', '--json'), 0).out)
      const told = (await shown()).map(({ date, state, steps }) => [
        ...[date, state],
        ...steps.map(({ step, outcome }) => `${step} ${outcome ?? 'STARTED'}`),
      ])
      assert.deepEqual(told, [
        ['2026-01-05', 'succeeded', 'traffic STARTED', 'traffic SUCCEEDED'],
        ['2026-01-05', 'lost', 'describe STARTED', 'describe SUCCEEDED', 'traffic STARTED'],
      ])
      const { out } = expectCode(
        await flow('backfill', 'day', '--from', '2026-01-05', '--to', '2026-01-06', '--json'),
        0,
      )
      const outcomes = (JSON.parse(out) as readonly { date: string; outcome: string }[]).map((one) => [
        one.date,
        one.outcome,
      ])
      assert.deepEqual(outcomes, [
        ['2026-01-05', 'done before'],
        ['2026-01-06', 'succeeded'],
      ])

      const broken = { name: 'broken', run: 'topology no-such-processor', retries: 1, backOff: '1 second' }
      declareFlow(broken, { ...describe, after: ['broken'] })
      const failed = expectCode(await flow('run', 'day', '--date', '2026-01-07', '--json'), 1)
      assert.match(failed.err, /broken: exit code 2/)
      const [last] = await shown()
      assert.deepEqual(
        last?.steps.map(({ step, outcome }) => `${step} ${outcome}`).filter((text) => !/null/.test(text)),
        ['broken FAILED', 'broken FAILED'],
      )
      const alert = expectCode(await kappa.run('tail', 'kappa.alerts.v1', '--last', '1', '--count', '1'), 0).out
      assert.match(alert, /"firing".*flow:day failed/)
      assert.match(expectCode(await flow('pause', 'day'), 0).out, /day is paused/)
      assert.match(expectCode(await flow('list'), 0).out, /day .*paused/)
      assert.match(expectCode(await flow('resume', 'day'), 0).out, /not paused/)
    },
  )
})
