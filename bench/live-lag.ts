import { kafkaBroker } from '#engine/broker'
import { LiveLag } from '#engine/replay'
import { systemClock } from '#engine/time'
import { install } from '../tests/installation.ts'

/**
 * How far live processors are behind while a replay runs beside them on the same machine: shop traffic flows through
 * revenue-per-minute while the retailer's months are replayed, with and without yielding.
 *
 *   node --import tsx bench/live-lag.ts [events a minute, default 30000]
 */
const perMinute = process.argv[2] ?? '30000'
const NAME = 'retail-revenue-per-day'
const RANGE = ['--from', '2017-01-01', '--to', '2017-10-01', '--source', 'kafka', '--json']

await using kappa = await install()
const expectGood = async (...args: string[]): Promise<string> => {
  const { code, out, err } = await kappa.run(...args)
  if (code !== 0) throw new Error(`kappa ${args.join(' ')} ended with ${code}\n${out}\n${err}`)
  return out
}
await expectGood('schemas', 'register')
await expectGood('import', 'retail', '--from', '2017-01-01', '--to', '2017-09-30')
kappa.start('run', 'processor', 'revenue-per-minute')
kappa.start('produce', 'shop', '--mode', 'stream', '--events-per-minute', perMinute)
const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'bench' })
const groups = [{ name: 'live', group: 'kappa-revenue-per-minute-g1-source', topics: ['shop.purchases.v1'] }]

/** Looks every 200 ms until the work is over: seconds behind. */
async function during(what: string, work: Promise<unknown>): Promise<void> {
  const lag = new LiveLag({ broker, clock: systemClock, groups })
  const seen: number[] = []
  let over = false
  const ending = work.finally(() => {
    over = true
  })
  while (!over) {
    seen.push((await lag.look()).seconds)
    await systemClock.sleep(200)
  }
  await ending
  seen.sort((a, b) => a - b)
  const at = (share: number): string =>
    (seen[Math.min(seen.length - 1, Math.floor(seen.length * share))] ?? 0).toFixed(2)
  console.log(`| ${what} | ${seen.length} looks | p50 ${at(0.5)} s | p99 ${at(0.99)} s | most ${at(1)} s |`)
}

await systemClock.sleep(20_000)
await during('no replay', systemClock.sleep(20_000))
for (const bound of ['off', '2 seconds']) {
  let report = ''
  const ran = expectGood('replay', 'run', NAME, ...RANGE, '--max-live-lag', bound).then((out) => {
    report = out.trim().split('\n').at(-1) ?? ''
  })
  await during(`replay, --max-live-lag ${bound}`, ran)
  console.log(report)
  await expectGood('replay', 'cancel', NAME)
}
await broker.close()
