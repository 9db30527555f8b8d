// From a purchase at the source to the changed figure in the API's answer, hop by hop:
//   node --import tsx bench/freshness.ts [--rate 1000] [--seconds 30] [--speed 60] [--json FILE]
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { kafkaBroker } from '#engine/broker'
import { connectRegistry } from '#engine/schema'
import { purchases, revenuePerMinute } from '#schemas'
import { type Installation, install, type Running, until } from '../tests/installation.ts'
import { good } from './delivered.ts'
import { hopTable, type Mark, type Measured, measured } from './freshness/hops.ts'
import { Place, watchAnswers, watchStream, watchTable, watchTopic } from './freshness/places.ts'
import { Source } from './freshness/source.ts'

const help = `How fresh the API's figures are: single purchases, each alone in its currency, followed from the shop through Kafka, the
processor revenue-per-minute (exactly once), its results topic, the ClickHouse sink and its table to the answer of
/live/revenue-per-minute, and beside it to the server-sent events of /live. All programs as kappa starts them, settings as
they come, on a stack of its own (127.0.0.1, free ports, a temporary folder that is removed).

A figure of a minute is published when event time has passed its end and the grace of 30 seconds. That wait is the
processor's choice, no delay; it is a hop of its own, and the whole is told with and without it. Event time runs --speed
times as fast as the clock, so that minutes end often.

  --rate N      purchases a second (default: 1000)
  --seconds N   measured, behind 5 seconds of warming up (default: 30; at most 600)
  --speed N     event time to clock (default: 60; 1 is real life: give it --seconds 120 or more)
  --json FILE   every figure, machine and load

  node --import tsx bench/freshness.ts
  node --import tsx bench/freshness.ts --rate 5000 --seconds 60 --json figures.json

Exit codes: 0 · 1 a mark did not arrive, or its figure is wrong · 2 not understood · 130 interrupted.`

const WARMING_MS = 5_000
/** Starting services' clients, compilers, the first table. */
const STARTING_MS = 120_000
/** Behind the last mark, beside the wait for its minute. */
const DRAINING_MS = 20_000
const DAY_MS = 86_400_000
/** In one minute of event time not more than a look of the watchers shows. */
const MARKS_A_SECOND = 10
const MARKS_A_MINUTE = 200

interface Options {
  readonly rate: number
  readonly seconds: number
  readonly speed: number
}

async function measure(kappa: Installation, { rate, seconds, speed }: Options): Promise<Measured> {
  await good(kappa, 'schemas', 'register')
  const token = (await good(kappa, 'api', 'token', 'create', '--scope', 'all')).trim()
  const programs = [
    kappa.start('run', 'processor', 'revenue-per-minute'),
    kappa.start('sink', 'run', 'clickhouse', '--topic', revenuePerMinute.name),
    kappa.start('api', '--port', '0'),
  ]
  const failed = Promise.race(programs.map(failure))
  failed.catch(() => {}) // Raced against below.
  const url = await Promise.race([apiAddress(programs[2]), failed])
  const authorization = `Bearer ${token}`
  const get = (path: string, signal?: AbortSignal) =>
    fetch(`${url}${path}`, { headers: { authorization }, ...(signal === undefined ? {} : { signal }) })

  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'bench' })
  const registry = connectRegistry({ url: kappa.stack.addresses.registry.url })
  const [topic, stream, clickhouse, api] = [new Place(), new Place(), new Place(), new Place()]
  const over = new AbortController()
  const producers = { traffic: await broker.producer(), marks: await broker.producer() }
  try {
    const partitions = (await broker.admin.topics()).get(purchases.name) ?? 0
    const source = new Source({
      ...{ producers, partitions, rate, speed, schemaId: await registry.idOf(purchases) },
      start: Math.floor((Date.now() - DAY_MS) / 60_000) * 60_000,
      marksPerSecond: Math.min(MARKS_A_SECOND, (MARKS_A_MINUTE * speed) / 60),
    })
    let counting = false
    const running = source.run(
      () => counting,
      () => over.signal.aborted,
    )
    const watching = [
      watchTopic(broker, topic, over.signal),
      watchTable((query) => kappa.rows(query), clickhouse, over.signal),
      watchAnswers(get, api, over.signal),
      watchStream(get, stream, over.signal),
    ]
    const all = Promise.all([running, ...watching])
    all.catch(() => {}) // Raced against below.
    const broken = Promise.race([failed, all.then(() => new Promise<never>(() => {}))])
    const places = [topic, stream, clickhouse, api]
    const everywhere = (codes: readonly string[]) => codes.every((code) => places.every(({ seen }) => seen.has(code)))
    const whole = async (): Promise<void> => {
      // The first marks come before `/live` listens: any mark that all places have will do.
      const known = async () => source.marks.some(({ code }) => everywhere([code]))
      const minuteMs = 90_000 / speed
      await until(known, (there) => there, STARTING_MS + minuteMs)
      await pause(WARMING_MS)
      counting = true
      console.log(`a mark went all the way; measuring for ${seconds} s`)
      await pause(seconds * 1_000)
      counting = false
      const codes = source.marks.filter(({ counts }) => counts).map(({ code }) => code)
      const deadline = performance.now() + DRAINING_MS + minuteMs
      while (!everywhere(codes) && performance.now() < deadline) await pause(100)
    }
    await Promise.race([whole(), broken])
    over.abort()
    await all
    for (const place of places) expectFigures(source.marks, place)
    const found = { topic: topic.seen, stream: stream.seen, clickhouse: clickhouse.seen, api: api.seen }
    return measured(source.marks, found, (time) => source.reached(time))
  } finally {
    over.abort()
    for (const producer of Object.values(producers)) await producer.close()
    await registry.close()
    await broker.close()
  }
}

/** A mark alone makes its figure: whatever else was seen is wrong. */
function expectFigures(marks: readonly Mark[], { figures }: Place): void {
  for (const { code, revenue } of marks) {
    const figure = figures.get(code)
    if (figure !== undefined && figure !== `1 order, ${revenue}`)
      throw new Error(`${code} is ${figure}, not ${revenue}`)
  }
}

/** Rejects when a program has ended that should run on. */
async function failure({ ended }: Running): Promise<never> {
  const { code, out, err } = await ended
  throw new Error(`a program ended with ${code}\n${out.slice(-2_000)}\n${err.slice(-2_000)}`)
}

/** From the line that `kappa api` logs when it serves. */
function apiAddress(api: Running | undefined): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    api?.child.stdout?.on('data', (piece: Buffer) => {
      text += piece
      const url = /"url":"([^"]+)"/.exec(text)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
}

function positive(name: string, text: string, most: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0 && number <= most) return number
  console.error(`--${name} takes whole numbers from 1 to ${most}`)
  process.exit(2)
}

async function main(options: Options, json: string | undefined): Promise<number> {
  const begun = loadavg()
  const kappa = await install()
  // Services are processes of their own: they must not outlive a run that was broken off.
  const giveUp = async (): Promise<void> => {
    await kappa[Symbol.asyncDispose]()
    process.exit(130)
  }
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp)
  let found: Measured
  try {
    found = await measure(kappa, options)
  } finally {
    process.removeListener('SIGINT', giveUp).removeListener('SIGTERM', giveUp)
    await kappa[Symbol.asyncDispose]()
  }
  const { hops, marks, missing } = found
  const load = { before: begun[0] ?? 0, after: loadavg()[0] ?? 0 }
  console.log(
    `${marks} marks among ${options.rate} purchases a second for ${options.seconds} s, event time × ${options.speed}; load ${load.before.toFixed(1)} to ${load.after.toFixed(1)}\n\n${hopTable(hops)}`,
  )
  if (missing.length > 0) console.log(`\nnot seen everywhere: ${missing.length} of ${marks}: ${missing.join(' ')}`)
  if (json !== undefined) {
    const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryGigabytes: Math.round(totalmem() / 2 ** 30) }
    const figures = { at: new Date().toISOString(), machine, node: process.version, load, options, ...found }
    writeFileSync(json, `${JSON.stringify(figures, undefined, 2)}\n`)
  }
  return missing.length === 0 && marks > 0 ? 0 : 1
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    speed: { type: 'string', default: '60' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) console.log(help)
else {
  const options = {
    rate: positive('rate', values.rate, 50_000),
    seconds: positive('seconds', values.seconds, 600),
    speed: positive('speed', values.speed, 600),
  }
  process.exitCode = await main(options, values.json)
}
