import { Argument, type Command, InvalidArgumentError } from 'commander'
import { type CutLimits, type LaneEvent, type LaneStatus, Sink, type StoreHealth, serveSink } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { milliseconds, systemClock } from '#engine/time'
import { type SinkName, sinkNames, sinkOf } from '../../../sinks/index.ts'
import { BronzeArchive, ObjectStore } from '../../../sinks/s3/index.ts'
import { openPlatform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'

const help = `
Reads every topic that sinks/routes.ts sends there. Records are written in cuts: a cut is decided by its size or its age,
whichever comes first, and is in the store once however often it is tried. Killed at any moment, the sink goes on where
it was when it is started again. Rows that the store refuses go to <topic>.<sink>.dead-letter with the reason. A store that
is away is told of once and tried again, less and less often; meanwhile reading stops at --memory.

Defaults: clickhouse 50000 rows, 32 MB or 500 milliseconds; s3 200000 rows, 64 MB or 60 seconds; redis 5000 rows, 4 MB or
200 milliseconds. Redis keeps the latest row of every identity, of topics whose contract has "serving".

Examples:
  kappa sink run clickhouse
  kappa sink run s3 --age '10 seconds' --metrics-port 9401
  kappa sink run redis
  kappa sink run clickhouse --topic retail.purchase-lines.v1 --rows 100000`

interface RunFlags {
  readonly topic?: readonly string[]
  readonly rows?: number
  readonly megabytes?: number
  readonly age?: string
  readonly lanes?: number
  readonly memory?: number
  readonly metricsPort?: number
  readonly metricsHost?: string
  readonly json?: boolean
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

/** `kappa sink run NAME`: until Ctrl-C. */
export function registerRun(sink: Command): void {
  sink
    .command('run')
    .description('run a sink until Ctrl-C')
    .addArgument(new Argument('<sink>', 'which').choices([...sinkNames]))
    .option('--topic <name>', 'only this topic; repeatable', (text: string, all: string[] = []) => [...all, text])
    .option('--rows <n>', 'rows of a cut at most', whole)
    .option('--megabytes <n>', 'size of a cut at most', whole)
    .option('--age <duration>', "time until records are written at the latest, e.g. '10 seconds'")
    .option('--lanes <n>', 'lanes of each topic (default: 1)', whole)
    .option('--memory <megabytes>', 'records read and not yet in the store, all topics together (default: 256)', whole)
    .option('--metrics-port <port>', 'serve /metrics (Prometheus), /status, /health and /ready at this port', whole)
    .option('--metrics-host <host>', 'the address served at (default: 127.0.0.1, this machine alone)')
    .option('--json', 'events as one JSON object a line')
    .addHelpText('after', help)
    .action(run)
}

async function run(name: SinkName, flags: RunFlags): Promise<void> {
  const platform = openPlatform()
  const stop = stopSignal()
  const routed = sinkOf(name, platform)
  const objects = new ObjectStore(platform.addresses.s3)
  try {
    const sink = new Sink({
      app: platform.app,
      destination: routed.destination,
      topics: chosen(routed.topics, flags.topic),
      limits: limitsOf(routed.limits, flags),
      ...(flags.lanes === undefined ? {} : { lanes: flags.lanes }),
      broker: platform.broker,
      registry: platform.registry,
      ...(name === 'clickhouse' ? { archive: new BronzeArchive(objects) } : {}),
      clock: systemClock,
      ...(flags.memory === undefined ? {} : { memoryBytes: flags.memory * 1024 * 1024 }),
      onStore: (health) => console.log(flags.json === true ? storeJson(name, health) : storeLine(name, health)),
      notify: (lane, event) => console.log(flags.json === true ? jsonLine(name, lane, event) : line(lane, event)),
    })
    const server =
      flags.metricsPort === undefined ? undefined : await serveSink(sink, flags.metricsPort, flags.metricsHost)
    const lanes = await sink.run(stop.signal).finally(() => server?.close())
    const failed = lanes.filter(({ state }) => state === 'failed')
    if (failed.length > 0) {
      const reasons = failed.map(({ topic, reason }) => `${topic}: ${reason}`).join('; ')
      throw new KappaError('STORE', `bringing topics to ${name}: ${failed.length} lanes stopped; ${reasons}`)
    }
  } finally {
    stop.release()
    objects.close()
    await routed.destination.close()
    await platform.close()
  }
}

/** Throws CONFIG_INVALID naming a topic that the routes do not send to the sink. */
function chosen<T extends { readonly name: string }>(topics: readonly T[], names: readonly string[] | undefined) {
  if (names === undefined) return topics
  return names.map((name) => {
    const topic = topics.find((one) => one.name === name)
    if (topic === undefined)
      throw new KappaError('CONFIG_INVALID', `reading --topic ${name}: no topic of this sink has that name`)
    return topic
  })
}

function limitsOf(own: CutLimits, flags: RunFlags): CutLimits {
  return {
    rows: flags.rows ?? own.rows,
    bytes: flags.megabytes === undefined ? own.bytes : flags.megabytes * 1024 * 1024,
    ageMs: flags.age === undefined ? own.ageMs : milliseconds(flags.age),
  }
}

const storeJson = (sink: SinkName, { state, since, reason }: StoreHealth): string =>
  JSON.stringify({ sink, kind: state === 'closed' ? 'store-answers' : 'store-away', since, reason })

function storeLine(sink: SinkName, { state, since, reason }: StoreHealth): string {
  if (state !== 'closed') return `${sink} does not answer: ${reason}; tried again by itself until it does`
  const seconds = Math.round((systemClock.now() - (since ?? systemClock.now())) / 1_000)
  return `${sink} answers again after ${seconds} s`
}

const jsonLine = (sink: SinkName, { topic, lane, generation, cut }: LaneStatus, event: LaneEvent): string =>
  JSON.stringify({ sink, topic, lane, generation, cut, ...event })

function line({ topic }: LaneStatus, event: LaneEvent): string {
  switch (event.kind) {
    case 'waiting':
      return `${topic}: waiting: ${event.reason}`
    case 'overdue':
      return `${topic}: ALARM: ${event.reason}`
    case 'resumed':
      return `${topic}: goes on`
    case 'fenced':
      return `${topic}: another process took over; looking again in a while`
    case 'held':
      return `${topic}: held by ${event.by}`
    case 'moved':
      return `${topic}: goes on as generation ${event.generation}`
    case 'stopped':
      return `${topic}: stopped: ${event.reason}`
  }
}
