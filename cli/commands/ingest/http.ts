import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic } from '#engine/ingest'
import { milliseconds } from '#engine/time'
import { apiKey } from '../../../deploy/config.ts'
import {
  type HttpSource,
  httpSource,
  httpSources,
  type KeptAnswer,
  type Place,
  type PollSummary,
  pollHttp,
  type Round,
} from '../../../producers/connectors/http/index.ts'
import { type RedisAnswers, redisAnswers } from '../../../sinks/redis/index.ts'
import { openPlatform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { prepared } from './prepared.ts'

const keyOf = ({ key }: HttpSource): string =>
  key === undefined ? '' : `; key in ${key.variable}${key.optional === true ? ', if any' : ''}`

const help = `
Every state of every thing is there once, however often the API says it again and however often this is killed: what was
published stands in Kafka in the same transaction. Unchanged answers are not sent again where the server knows ETag or
If-Modified-Since. 429, 5xx, time-outs and broken answers are tried again, later and later, or when Retry-After says. An
item that cannot be read goes to <topic>.dead-letter with the request's address and id, without the key. The last raw
answers are in Redis for a week: --last shows them.

Sources:
${httpSources.map((source) => `  ${source.name.padEnd(18)} ${source.doc}${keyOf(source)}`).join('\n')}

The product catalogue answers GET <url>/products with
  {"items":[{"id","name","category","price","cost","supplier","warehouse","updatedAt"}],"next":"address of the next page"}

Examples:
  KAPPA_OPENWEATHER_KEY=… kappa ingest http --source current-weather
  KAPPA_OPENWEATHER_KEY=… kappa ingest http --source current-weather --place JFK --place ORY=48.72,2.38 --once
  KAPPA_AVIATIONSTACK_KEY=… kappa ingest http --source flight-status --place CDG --interval '10 minutes' --rate 30
  kappa ingest http --source product-catalogue --url http://shop.example/api --once --json
  kappa ingest http --source current-weather --last 3`

const ONCE_PATIENCE_MS = 120_000

interface HttpFlags {
  readonly source: string
  readonly url?: string
  readonly place: readonly Place[]
  readonly pageSize: number
  readonly interval?: number
  readonly rate?: number
  readonly timeout?: number
  readonly once?: boolean
  readonly last?: number
  readonly json?: boolean
}

/** `kappa ingest http --source NAME` */
export function register(ingest: Command): void {
  ingest
    .command('http')
    .description('ask an API again and again')
    .requiredOption('--source <name>', httpSources.map(({ name }) => name).join(', '))
    .option('--url <address>', 'where the API is, when not at its usual place', address)
    .option('--place <code>', 'airport asked about, as CDG or CDG=49.01,2.55; repeatable', place, [])
    .option('--page-size <n>', 'items a page', whole, 100)
    .option('--interval <duration>', "from round to round, e.g. '5 minutes' (default: the source's)", duration)
    .option('--rate <n>', "requests a minute at most (default: the source's)", whole)
    .option('--timeout <duration>', "for one answer (default: '10 seconds')", duration)
    .option('--once', 'one round, then end')
    .option('--last <n>', 'show the last raw answers and ask nothing', whole)
    .option('--json', 'print a line of JSON a round')
    .addHelpText('after', help)
    .action((flags: HttpFlags) => (flags.last === undefined ? ingestHttp(flags) : showLast(flags, flags.last)))
}

async function ingestHttp(flags: HttpFlags): Promise<void> {
  const { once = false, json = false, timeout: timeoutMs = 10_000, place: places, pageSize } = flags
  const source = httpSource(flags.source)
  const baseUrl = flags.url ?? source.baseUrl
  if (baseUrl === undefined)
    throw new KappaError('CONFIG_INVALID', `ingesting from ${source.name}: it has no usual place; say --url`)
  const targets = source.targets({ baseUrl, places, pageSize })
  const key = source.key === undefined ? undefined : apiKey(source.key.variable, source.key.optional)
  const platform = openPlatform()
  const cache = answersOf(platform.addresses.redis.url)
  const stop = stopSignal()
  const told = (message: string): void => void process.stderr.write(`${message}\n`)
  // A daemon outlives any outage; a single round says that there is one.
  const patienceMs = once ? ONCE_PATIENCE_MS : Number.POSITIVE_INFINITY
  let summary: PollSummary
  try {
    const { app, broker, registry } = platform
    await prepared(platform, source.topics, { patienceMs, signal: stop.signal, told })
    summary = await pollHttp({
      ...{ source, targets, cache, once, timeoutMs, app, broker, registry },
      ...(key === undefined ? {} : { key }),
      intervalMs: flags.interval ?? source.intervalMs,
      perMinute: flags.rate ?? source.perMinute,
      patienceMs,
      signal: stop.signal,
      onWaiting: told,
      onWarning: told,
      onRound: (round) => console.log(json ? JSON.stringify(round) : roundText(round)),
    })
  } finally {
    stop.release()
    await cache.close()
    await platform.close()
  }
  if (once) judge(summary)
  if (!json) console.log(tallyText(summary))
}

/** A single round that could not take in everything is a failure; those who run it again lose nothing. */
export function judge({ source, last }: PollSummary): void {
  if (last === undefined)
    throw new KappaError('INTERRUPTED', `ingesting from ${source}: stopped; the same command goes on from there`)
  const [first] = last.failed
  if (first === undefined) return
  const more = last.failed.length === 1 ? '' : ` (and ${last.failed.length - 1} more)`
  throw new KappaError('SERVICE_UNAVAILABLE', `ingesting from ${source}: ${first.target}: ${first.reason}${more}`)
}

export function roundText({ source, requests, unchanged, items, written, deadLettered, failed }: Round): string {
  const broken = deadLettered === 0 ? '' : `, ${deadLettered} broken`
  const rest = failed.map(({ target, reason }) => `\n  ${target} failed: ${reason}`).join('')
  return `${source}: ${requests} requests (${unchanged} unchanged), ${items} items, ${written} events${broken}${rest}`
}

export function tallyText({ source, rounds, tallies }: PollSummary): string {
  const lines = Object.entries(tallies).map(([topic, { written, deadLettered }]) => {
    const dead = deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(topic)}`
    return `  ${topic.padEnd(30)} ${written} events${dead}`
  })
  return [...lines, `${source}: ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`].join('\n')
}

const answersOf = (url: string): RedisAnswers<KeptAnswer> => redisAnswers<KeptAnswer>({ url })

async function showLast({ source, json }: HttpFlags, count: number): Promise<void> {
  const { name } = httpSource(source)
  const platform = openPlatform()
  const cache = answersOf(platform.addresses.redis.url)
  try {
    const answers = await cache.latest(name, count)
    if (answers.length === 0 && json !== true) console.log(`${name}: no answer of the last week is kept`)
    for (const answer of answers) {
      const at = new Date(answer.receivedAt).toISOString()
      if (json === true) console.log(JSON.stringify(answer))
      else console.log(`${at}  ${answer.status}  ${answer.url}  request ${answer.requestId}\n${answer.body}\n`)
    }
  } finally {
    await cache.close()
    await platform.close()
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

function duration(text: string): number {
  try {
    return milliseconds(text)
  } catch {
    throw new InvalidArgumentError("It is no duration; write it as '5 minutes'.")
  }
}

function address(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('It is not an address like http://host/path.')
  return text.replace(/\/$/, '')
}

function place(text: string, before: readonly Place[]): readonly Place[] {
  const match = /^([A-Z]{3})(?:=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?))?$/.exec(text)
  if (!match) throw new InvalidArgumentError('It is not an airport like CDG or CDG=49.01,2.55.')
  const [, code = '', latitude, longitude] = match
  if (latitude === undefined || longitude === undefined) return [...before, { code }]
  return [...before, { code, latitude: Number(latitude), longitude: Number(longitude) }]
}
