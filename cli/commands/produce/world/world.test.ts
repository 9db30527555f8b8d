import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Command, CommanderError } from 'commander'
import { exitCodeOf } from '../../../exit.ts'
import { register } from '../index.ts'

function program(): Command {
  const kappa = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
  register(kappa)
  return kappa
}

const run = (line: string) => program().parseAsync(['produce', ...line.split(' ')], { from: 'user' })

const DAYS = '--mode batch --start-date 2025-01-01 --end-date 2025-01-02'

test('a flag that is wrong, missing or of another mode or target is refused by name, with exit 2', async () => {
  for (const [line, message] of [
    ['web', /--mode/],
    ['web --mode batch --start-date 2025-01-01', /--end-date is missing/],
    ['crm --mode batch --start-date 2025-01-02 --end-date 2025-01-01', /--end-date 2025-01-01 is before/],
    ['crm --mode batch --start-date 2024-01-01 --end-date 2025-01-01', /--world-start 2024-01-01/],
    ['ads --mode stream --start-date 2025-01-01', /--start-date is for --mode batch/],
    [`ads ${DAYS} --duration 5`, /--duration is for --mode stream/],
    [`all ${DAYS} --events-per-day 10`, /--events-per-day '10'/],
    ['all --mode stream --events-per-day 5000 --events-per-minute 4', /give one/],
    [`flights ${DAYS} --frequency weekly`, /--frequency/],
    [`weather ${DAYS} --flaws all`, /--flaws is for --to files/],
    [`weather ${DAYS} --to files`, /--out is missing/],
    [`weather ${DAYS} --to files --out x --flaws rust`, /no 'rust'/],
    [`weather ${DAYS} --to nowhere`, /--to/],
    [`web ${DAYS} --incident flood@2025-01-01T00:00Z+1h`, /flood/],
  ] as const) {
    await assert.rejects(run(line), (thrown: Error) => {
      assert.equal(thrown instanceof CommanderError ? 2 : exitCodeOf(thrown), 2, line)
      assert.match(thrown.message, message)
      return true
    })
  }
})

test('every domain has a command, whose help has its examples', () => {
  const produce = program().commands[0]
  const names = produce?.commands.map((command) => command.name()) ?? []
  const known = ['web', 'crm', 'ads', 'influencers', 'inventory', 'ventes', 'flights', 'weather', 'truth', 'all']
  for (const name of known) {
    assert.ok(names.includes(name), name)
    let text = ''
    const command = produce?.commands.find((one) => one.name() === name)
    command?.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
    assert.match(text, new RegExp(`kappa produce ${name} --mode batch`))
    assert.match(text, /--initial-customers/)
  }
})

test('files are written where it is said, and told in numbers', async (t) => {
  const out = mkdtempSync(join(tmpdir(), 'kappa-produce-'))
  t.after(() => rmSync(out, { recursive: true }))
  const printed: string[] = []
  t.mock.method(console, 'log', (line: string) => printed.push(line))
  await run(`weather --mode batch --start-date 2025-02-01 --end-date 2025-02-02 --to files --out ${out} --json`)
  const summary = JSON.parse(printed.join('')) as { events: number; files: number; rows: Record<string, number> }
  // 11 airports, 48 hours, and the reports at hand when it begins
  assert.deepEqual([summary.events, summary.files], [11 * 49, 2])
  assert.deepEqual(summary.rows, { 'data/raw/weather/reports': 11 * 49 })
  assert.ok(existsSync(join(out, 'data/raw/weather/reports_2025-02-02.csv')))
})
