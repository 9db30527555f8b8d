import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { foundIn } from '../kills.ts'
import { type Choices, type Runs, resultOf, type Suite, type Verdict } from './suite.ts'

/** Each is a test of its own that kills its connector, on a real stack; the suite asks for more kills. */
const SCENARIOS = [
  { subject: 'files', test: 'tests/files.integration.test.ts' },
  { subject: 'http and collect', test: 'tests/http-and-collect.integration.test.ts' },
  { subject: 'sql', test: 'producers/connectors/sql/sql.integration.test.ts' },
  { subject: 'pages', test: 'tests/sources.integration.test.ts' },
] as const

const runner = fileURLToPath(new URL('../run.mjs', import.meta.url))
const KILLS = 10

/**
 * Connectors that are killed with SIGKILL at random moments, and go on: the arrival check balances to the row. `seed` is the
 * number of a scenario; moments are not repeatable.
 */
export const connectorsSuite: Suite = {
  name: 'connectors',
  about: 'files, http, collect, sql and pages, killed --kills times each (default: 10)',
  scenarios: SCENARIOS.length,
  open: async (_, choices) => runsOf(choices),
}

const runsOf = ({ kills = KILLS }: Choices): Runs => ({
  run(seed) {
    const { subject, test } = SCENARIOS[(seed - 1) % SCENARIOS.length] ?? SCENARIOS[0]
    return resultOf({ suite: 'connectors', seed, broker: 'real', subject }, () => scenario(test, kills))
  },
  close: async () => {},
})

async function scenario(test: string, kills: number): Promise<Verdict> {
  const child = spawn(process.execPath, [runner, test], {
    env: { ...process.env, KAPPA_TEST_KILLS: String(kills), NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // Ctrl-C is for us: the scenario under way ends by itself, and leaves nothing behind.
    detached: true,
  })
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    process.exit(143)
  }
  process.once('SIGTERM', end)
  let text = ''
  child.stdout.on('data', (piece: Buffer) => {
    text += piece
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  process.removeListener('SIGTERM', end)
  const found = text.split('\n').flatMap((line) => foundIn(line) ?? [])
  for (const { connector, kills, events, deadLetters } of found)
    process.stdout.write(`  ${connector}: ${kills} kills, ${events} events, ${deadLetters} dead letters\n`)
  const sum = (each: (one: (typeof found)[number]) => number) => found.reduce((all, one) => all + each(one), 0)
  const events = sum((one) => one.events)
  const results = events + sum((one) => one.deadLetters)
  const difference = code === 0 ? undefined : text.slice(-8_000)
  return { events, blows: sum((one) => one.kills), results, difference }
}
