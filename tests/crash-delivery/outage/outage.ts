import { setTimeout as pause } from 'node:timers/promises'
import { kafkaBroker } from '#engine/broker'
import { CutLog } from '#engine/delivery'
import { systemClock } from '#engine/time'
import { maskedClicks } from '#schemas'
import { install, until } from '../../installation.ts'
import type { StoreName } from '../script.ts'
import { Traffic } from './traffic.ts'
import { doneRows, WatchedSink } from './watched-sink.ts'

export interface OutageOptions {
  readonly store: StoreName
  /** How long it is away. */
  readonly seconds: number
  /** Events a second, all the time. */
  readonly rate: number
  /** What a sink may hold of records that are not in its store (`--memory`), megabytes. */
  readonly memory: number
  readonly say: (line: string) => void
}

export interface OutageResult extends Omit<OutageOptions, 'say'> {
  readonly events: number
  /** Events that waited when the store came back. */
  readonly backlog: number
  /** Of the other sink at that moment: the outage is not its own. */
  readonly otherBehind: number
  /** From then until the sink was where the topic was. */
  readonly recoveredInSeconds: number
  /** Resident memory of the sink process, megabytes: before, and at most from the outage to the recovery. */
  readonly rssBefore: number
  readonly rssMost: number
  /** Rows in ClickHouse, how many are distinct, and differences that `kappa verify` found between Kafka and both stores. */
  readonly rows: number
  readonly distinct: number
  readonly differences: number
  readonly problems: readonly string[]
}

const CALM_MS = 8_000
const RECOVERS_WITHIN_MS = 300_000
/** Beside `--memory`: the cut that is being written in its encoded form (S3's has 200,000 rows, in Avro and in Parquet), buffers of clients, a heap that was not collected. */
const BESIDE_MB = { clickhouse: 250, s3: 500 } as const

/**
 * Both sinks as processes on a real stack under steady load; one store is killed, stays away, and comes back. Nothing is
 * restarted but the store.
 */
export async function outage({ say, ...options }: OutageOptions): Promise<OutageResult> {
  const { store, seconds, rate, memory } = options
  await using kappa = await install()
  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'outage' })
  const logs = {
    clickhouse: new CutLog({ sink: 'clickhouse', broker, clock: systemClock }),
    s3: new CutLog({ sink: 's3', broker, clock: systemClock }),
  }
  try {
    await broker.admin.ensure([{ name: maskedClicks.name, partitions: 4, settings: { 'retention.ms': '-1' } }])
    const sinks = {
      clickhouse: new WatchedSink(kappa, 'clickhouse', memory),
      s3: new WatchedSink(kappa, 's3', memory),
    }
    const own = sinks[store]
    const other = store === 'clickhouse' ? 's3' : 'clickhouse'
    const traffic = await Traffic.begin(broker, kappa.stack.addresses.registry.url, rate)
    await until(
      async () => Math.min(await doneRows(logs.clickhouse), await doneRows(logs.s3)),
      (rows) => rows > 0,
      60_000,
    )
    await pause(CALM_MS)
    say(`${rate} events/s flow into both; ${store} is killed now and stays away for ${seconds} s`)
    const gone = performance.now()
    const rssBefore = own.peak(0, gone)
    await kappa.stack.kill(store, 'SIGKILL')
    while (performance.now() - gone < seconds * 1_000) {
      await pause(Math.min(10_000, Math.max(1, seconds * 1_000 - (performance.now() - gone))))
      for (const sink of Object.values(sinks)) sink.expectRunning()
      const now = performance.now()
      say(
        `${Math.round((now - gone) / 1_000)} s: ${traffic.sent} events, ${traffic.sent - (await doneRows(logs[store]))} wait, ${Math.round(own.peak(now - 10_000, now))} MB`,
      )
    }
    const backlog = traffic.sent - (await doneRows(logs[store]))
    const otherBehind = traffic.sent - (await doneRows(logs[other]))
    await kappa.stack.start(store)
    const back = performance.now()
    // A few seconds of traffic is what a sink is behind at any time.
    await until(
      async () => traffic.sent - (await doneRows(logs[store])),
      (behind) => behind < rate * 8,
      RECOVERS_WITHIN_MS,
    )
    const recovered = performance.now()
    say(`${store} is back, and so is the sink: ${((recovered - back) / 1_000).toFixed(1)} s`)
    await pause(CALM_MS)
    const events = await traffic.stop()
    for (const log of Object.values(logs))
      await until(
        () => doneRows(log),
        (rows) => rows >= events,
        120_000,
      )
    const rssMost = own.peak(gone, performance.now())
    for (const sink of Object.values(sinks)) {
      sink.expectRunning()
      await sink.stop()
    }
    const [[rows, distinct] = [0, 0]] = await kappa.rows<readonly [string, string]>(
      'SELECT count(), uniqExact(_partition, _offset) FROM shop.masked_clicks',
    )
    const verified = await kappa.run('verify', '--topic', maskedClicks.name, '--deep', '--json')
    const report = JSON.parse(verified.out) as { findings: readonly { equal?: boolean }[] }
    const result = {
      ...options,
      events,
      backlog,
      otherBehind,
      recoveredInSeconds: (recovered - back) / 1_000,
      rssBefore,
      rssMost,
      rows: Number(rows),
      distinct: Number(distinct),
      differences: report.findings.filter(({ equal }) => equal === false).length,
    }
    return { ...result, problems: problemsOf(result, report.findings.length) }
  } finally {
    await Promise.all(Object.values(logs).map((log) => log.close()))
    await broker.close()
  }
}

/** What is not as it must be. */
export function problemsOf(result: Omit<OutageResult, 'problems'>, findings: number): readonly string[] {
  const {
    store,
    events,
    rows,
    distinct,
    differences,
    rate,
    seconds,
    backlog,
    otherBehind,
    memory,
    rssBefore,
    rssMost,
  } = result
  const most = rssBefore + memory + BESIDE_MB[store]
  return [
    ...(rows < events ? [`${events - rows} rows are lost`] : []),
    ...(rows > distinct || rows > events ? [`${rows - Math.min(distinct, events)} rows are there twice`] : []),
    ...(differences > 0 ? [`kappa verify --deep found ${differences} differences`] : []),
    ...(findings < 4 ? [`kappa verify compared ${findings} places, not both stores`] : []),
    ...(backlog < rate * seconds * 0.5 ? [`only ${backlog} events waited: it was no outage under load`] : []),
    ...(otherBehind > rate * 15 ? [`the other sink was ${otherBehind} events behind`] : []),
    ...(rssMost > most ? [`the process took ${Math.round(rssMost)} MB, more than ${Math.round(most)}`] : []),
  ]
}
