import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Installation, install, type Outcome, until } from './installation.ts'
import { type DayOfDepartment, revenuePerDay } from './retail-truth.ts'

const NAME = 'retail-revenue-per-day'
const CHANGED = fileURLToPath(new URL('changed-processors-fixture.ts', import.meta.url))
const LIVE = ['--from', '2017-06-01', '--to', 'now', '--live'] as const

const expectCode = (outcome: Outcome, code: number): Outcome => {
  assert.equal(outcome.code, code, `${outcome.out}\n${outcome.err}`)
  return outcome
}

/** Which code `kappa …` runs from now on. */
function deploy(version: 'first' | 'changed'): void {
  if (version === 'changed') process.env.KAPPA_PROCESSORS = CHANGED
  else delete process.env.KAPPA_PROCESSORS
}

test('a processor whose state changed goes live by a replay, goes on, and is rolled back', {
  timeout: 600_000,
}, async (t) => {
  await using kappa = await install()
  t.after(() => deploy('first'))
  const replay = (...args: string[]): Promise<Outcome> => kappa.run('replay', ...args)
  const load = async (from: string, to: string): Promise<void> => {
    expectCode(await kappa.run('import', 'retail', '--from', from, '--to', to, '--late-ok'), 0)
  }
  expectCode(await kappa.run('schemas', 'register'), 0)
  const first = kappa.start('run', 'processor', NAME)
  kappa.start('sink', 'run', 'clickhouse')
  await load('2017-06-01', '2017-06-03')
  await live(kappa, await revenuePerDay('2017-06-01', '2017-06-03'))

  await t.test('the changed code is refused, with the way out', async () => {
    deploy('changed')
    const { err } = expectCode(await kappa.run('run', 'processor', NAME), 1)
    assert.match(err, /its aggregate lines was count \(rows\), and is sum of quantity/)
    assert.match(err, /kappa replay run retail-revenue-per-day --from TIME --to now --live/)
    expectCode(await replay('run', NAME, '--from', '2017-06-01', '--to', '2017-06-02', '--live'), 2)
  })

  await t.test('it is replayed beside the first, which goes on; the differences are told', async () => {
    expectCode(await replay('run', NAME, ...LIVE), 0)
    await load('2017-06-04', '2017-06-05')
    await live(kappa, await revenuePerDay('2017-06-01', '2017-06-05'))
    const { out } = expectCode(await replay('verify', NAME), 3)
    assert.match(out, /by column: only live: 0, only replayed: 0, lines: \d+/)
    assert.match(out, /code changed since v1: .*its aggregate lines was count/)
    const told = JSON.parse(expectCode(await replay('verify', NAME, '--json'), 3).out)
    assert.ok(told.differing > 10 && told.breakdown.columns.lines === told.differing, JSON.stringify(told.breakdown))
  })

  await t.test('promoted, it is in force: the first version stops, and says why', async () => {
    assert.match(expectCode(await replay('promote', NAME), 3).err, /its rows differ/)
    expectCode(await replay('promote', NAME, '--accept-differences'), 0)
    const [status] = JSON.parse(expectCode(await replay('status', NAME, '--json'), 0).out)
    assert.deepEqual([status.phase, status.live, status.forced], ['promoted', true, false])
    assert.ok(status.accepted > 10)
    await live(kappa, changed(await revenuePerDay('2017-06-01', '2017-06-05')))
    const { err } = expectCode(await first.ended, 1)
    assert.match(err, /v2 is in force now, made by another version of the code/)
    deploy('first')
    assert.match(expectCode(await kappa.run('run', 'processor', NAME), 1).err, /its stored state does not fit/)
  })

  deploy('changed')
  const second = kappa.start('run', 'processor', NAME)
  await t.test('kappa run goes on with its state into the live topic', async () => {
    await load('2017-06-06', '2017-06-07')
    await live(kappa, changed(await revenuePerDay('2017-06-01', '2017-06-07')))
  })

  await t.test('rolled back, the first version goes on from where it stopped', async () => {
    expectCode(await replay('rollback', NAME), 0)
    assert.match(expectCode(await second.ended, 1).err, /its stored state does not fit/)
    deploy('first')
    kappa.start('run', 'processor', NAME)
    await load('2017-06-08', '2017-06-08')
    await live(kappa, await revenuePerDay('2017-06-01', '2017-06-08'))
  })
})

/** The second version's truth: lines count as units. */
const changed = (truth: ReadonlyMap<string, DayOfDepartment>): ReadonlyMap<string, DayOfDepartment> =>
  new Map([...truth].map(([key, day]) => [key, { ...day, lines: day.units }]))

/** Waits until the live table shows exactly these sums. */
async function live(kappa: Installation, truth: ReadonlyMap<string, DayOfDepartment>): Promise<void> {
  const query = `SELECT formatDateTime(windowStart, '%F', 'America/New_York') || '|' || department AS key,
    lines, units, toString(revenue * 100) FROM retail.revenue_per_day_latest ORDER BY key`
  const expected = JSON.stringify([...truth].sort())
  const shown = async () => {
    const rows = await kappa.rows<[string, string, string, string]>(query).catch(() => [])
    return JSON.stringify(
      rows.map(([key, lines, units, cents]) => [
        key,
        { lines: Number(lines), units: Number(units), cents: Number(cents) },
      ]),
    )
  }
  const found = await until(shown, (now) => now === expected, 90_000).catch(shown)
  assert.deepEqual(JSON.parse(found), JSON.parse(expected))
}
