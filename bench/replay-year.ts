import { writeFileSync } from 'node:fs'
import { kafkaBroker } from '#engine/broker'
import { type Installation, install, type Outcome, until } from '../tests/installation.ts'

/**
 * The retailer's whole year on a stack of its own: imported, taken by its processor, brought to the stores, replayed from
 * Kafka and from S3 by the same code (no row may differ), replayed from S3 by changed code that goes live, and rolled back.
 *
 *   node --import tsx bench/replay-year.ts [--json FILE] [--from 2017-01-01] [--to 2017-12-31]
 */
const NAME = 'retail-revenue-per-day'
const SOURCE = 'retail.purchase-lines.v1'
const CHANGED = new URL('../tests/changed-processors-fixture.ts', import.meta.url).pathname

const flag = (name: string, otherwise: string): string => {
  const at = process.argv.indexOf(`--${name}`)
  return at === -1 ? otherwise : (process.argv[at + 1] ?? otherwise)
}
const DAYS = ['--from', flag('from', '2017-01-01'), '--to', flag('to', '2017-12-31')]
const RANGE = ['--from', flag('from', '2017-01-01'), '--to', '2018-01-02']

interface Step {
  readonly step: string
  readonly seconds: number
  readonly records?: number
  readonly perSecond?: number
  readonly note?: string
}
const steps: Step[] = []

function told(step: string, seconds: number, records?: number, note?: string): void {
  const rate = records === undefined ? {} : { records, perSecond: Math.round(records / seconds) }
  const one = { step, seconds: Math.round(seconds * 10) / 10, ...rate, ...(note === undefined ? {} : { note }) }
  steps.push(one)
  console.log(JSON.stringify(one))
}

const expectCode = (outcome: Outcome, ...codes: readonly number[]): Outcome => {
  if (codes.includes(outcome.code ?? -1)) return outcome
  throw new Error(`exit code ${outcome.code}\n${outcome.out}\n${outcome.err}`)
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  const result = await work()
  return [result, (performance.now() - began) / 1_000]
}

async function run(kappa: Installation): Promise<void> {
  const replay = (...args: string[]): Promise<Outcome> => kappa.run('replay', ...args)
  expectCode(await kappa.run('schemas', 'register'), 0)
  const [imported, importSeconds] = await timed(() => kappa.run('import', 'retail', ...DAYS, '--json'))
  const { rows, tallies } = lastJson(expectCode(imported, 0).out) as Imported
  told('import, whole command', importSeconds, rows)
  const lines = tallies[SOURCE]?.written ?? 0
  await processorRate(kappa)
  const [, sinkSeconds] = await timed(async () => {
    kappa.start('sink', 'run', 's3')
    kappa.start('sink', 'run', 'clickhouse')
    const done = ({ code, out }: Outcome): boolean => {
      if (code !== 0) return false
      const { findings } = JSON.parse(out) as { findings: readonly { store: string; expected: { rows: number } }[] }
      const whole = findings.filter(({ expected }) => expected.rows === lines)
      return ['clickhouse', 's3 bronze', 's3 silver'].every((store) => whole.some((one) => one.store === store))
    }
    await until(() => kappa.run('verify', '--topic', SOURCE, '--json'), done, 500_000)
  })
  told('both sinks, until kappa verify finds purchase lines equal', sinkSeconds, lines)
  for (const source of ['kafka', 's3']) {
    await replayed(replay, `replay by the same code from ${source}`, ...RANGE, '--source', source)
    const [verified, seconds] = await timed(() => replay('verify', NAME, '--json'))
    const { compared, differing } = JSON.parse(expectCode(verified, 0).out) as Verified
    told('verify', seconds, undefined, `${compared} rows compared, ${differing} differ`)
    expectCode(await replay('cancel', NAME), 0)
  }
  await changedGoesLive(kappa, replay)
}

interface Imported {
  readonly rows: number
  readonly tallies: Readonly<Record<string, { readonly written: number }>>
}
interface Verified {
  readonly compared: number
  readonly differing: number
}

const lastJson = (out: string): unknown => JSON.parse(out.trim().split('\n').at(-1) ?? '{}')

async function replayed(
  replay: (...args: string[]) => Promise<Outcome>,
  step: string,
  ...args: readonly string[]
): Promise<void> {
  const [ran, wall] = await timed(() => replay('run', NAME, ...args, '--json'))
  const report = lastJson(expectCode(ran, 0).out) as {
    seconds: number
    processingSeconds: number
    events: number
    results: number
  }
  const whole = `${report.results} results; with their table ${report.seconds.toFixed(1)} s, whole command ${wall.toFixed(1)} s`
  told(step, report.processingSeconds, report.events, whole)
}

/** The processor's own rate: a live worker with the whole year before it, from its first commit to its last. */
async function processorRate(kappa: Installation): Promise<void> {
  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'bench' })
  try {
    const end = (await broker.admin.committedEnds(SOURCE)).reduce((sum, one) => sum + one, 0)
    const group = `kappa-${NAME}-g1-source`
    const taken = async (): Promise<number> => {
      const positions = await broker.admin.groupPositions(group, SOURCE).catch(() => [])
      return positions.reduce((sum, at) => sum + Math.max(0, at), 0)
    }
    kappa.start('run', 'processor', NAME)
    await until(taken, (count) => count > 0, 120_000)
    const [first, began] = [await taken(), performance.now()]
    await until(taken, (count) => count >= end, 500_000)
    told('the processor itself, live, with the year before it', (performance.now() - began) / 1_000, end - first)
  } finally {
    await broker.close()
  }
}

async function changedGoesLive(kappa: Installation, replay: (...args: string[]) => Promise<Outcome>): Promise<void> {
  process.env.KAPPA_PROCESSORS = CHANGED
  const live = ['--from', flag('from', '2017-01-01'), '--to', 'now', '--live', '--source', 's3']
  await replayed(replay, 'replay by changed code from s3, to go live', ...live)
  const [verified, verifySeconds] = await timed(() => replay('verify', NAME, '--json'))
  const { compared, differing } = JSON.parse(expectCode(verified, 3).out) as Verified
  told('verify', verifySeconds, undefined, `${compared} rows compared, ${differing} differ`)
  const [differences, diffSeconds] = await timed(() => replay('diff', NAME, '--json'))
  const { windows } = JSON.parse(expectCode(differences, 0, 3).out) as { windows: readonly unknown[] }
  told('diff', diffSeconds, undefined, `${windows.length} windows shown`)
  const [promoted, promoteSeconds] = await timed(() => replay('promote', NAME, '--accept-differences', '--json'))
  expectCode(promoted, 0)
  told('promote', promoteSeconds)
  const sums = 'SELECT toString(sum(lines)), toString(sum(units)) FROM retail.revenue_per_day_latest'
  const [[lines, units] = []] = await kappa.rows<[string, string]>(sums)
  if (lines !== units) throw new Error(`promoted, but lines ${lines} and units ${units} are not equal`)
  const [rolledBack, rollbackSeconds] = await timed(() => replay('rollback', NAME, '--json'))
  expectCode(rolledBack, 0)
  told('rollback', rollbackSeconds)
  const [[before, after] = []] = await kappa.rows<[string, string]>(sums)
  if (before === after) throw new Error('rolled back, but the rows of the changed code are there')
}

await using kappa = await install()
await run(kappa)
const out = flag('json', '')
if (out !== '') writeFileSync(out, `${JSON.stringify(steps, null, 2)}\n`)
console.log(
  steps
    .map(
      ({ step, seconds, records, perSecond, note }) =>
        `| ${step} | ${seconds} s | ${records ?? ''} | ${perSecond ?? ''} | ${note ?? ''} |`,
    )
    .join('\n'),
)
