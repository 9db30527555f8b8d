import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { serveCollect } from '../../../api/collect/index.ts'
import { dataFolder } from '../../../deploy/config.ts'
import { withLock } from '../../../deploy/local/processes/lock.ts'
import { type Collector, collectedTopics, forward, openCollector } from '../../../producers/connectors/collect/index.ts'
import { origin, port } from '../../http-flags.ts'
import { openLog } from '../../log.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { prepared } from './prepared.ts'

const help = `
POST /v1/events takes batches as application/json or text/plain (sendBeacon):
  {"sentAt":1767225600000,"consent":true,"context":{"visitorId":"v-1","sessionId":"s-1","country":"FR","device":"MOBILE"},
   "events":[{"type":"page-view","eventId":"0b5c…","occurredAt":1767225599000,"pageType":"HOME","path":"/"}]}
Types: ${[...collectedTopics].map(([type, { name }]) => `${type} (${name})`).join(', ')}.

202: what is accepted is on disk, and will be in Kafka once; rejected events are named with their field, and go to the dead
letters. 422: none of it fits. 400, 413, 415: the batch cannot be read. All as problem+json. 503 and Retry-After: the spool
is full. An event that is sent again within ten minutes (same type and eventId) is there once. Without consent no address,
e-mail or customer is kept, and the visitor is known for one session only.

On pages: <script type="module" src="https://collect.example/kappa.mjs" data-country="FR" data-consent="true"></script>
and then kappa.track('page-view', { pageType: 'HOME', path: '/' }), kappa.consent(true), kappa.set({ customerId: 'c-1' }).

While Kafka is away everything waits on disk, encrypted, as much as --spool-limit. Also there: /metrics (Prometheus), /health,
/ready.

Examples:
  kappa collect
  kappa collect --port 8090 --host 0.0.0.0 --origin https://shop.example --country FR --trust-proxy
  curl localhost:8090/v1/events -H 'content-type: application/json' -d '{"context":{"visitorId":"v-1","sessionId":"s-1",
    "device":"DESKTOP","country":"FR"},"events":[{"type":"search","eventId":"search-0001","occurredAt":"2026-01-01T00:00:00Z","query":"lamp","results":3}]}'`

interface CollectFlags {
  readonly port: number
  readonly host: string
  readonly origin: readonly string[]
  readonly country?: string
  readonly spool?: string
  readonly spoolLimit: number
  readonly maxBody: number
  readonly trustProxy?: boolean
}

/** `kappa collect`: until Ctrl-C. */
export function register(program: Command): void {
  program
    .command('collect')
    .description('take events from browsers and apps by HTTP until Ctrl-C')
    .option('--port <port>', 'where; 0 takes a free one', port, 8090)
    .option('--host <host>', 'the address served at', '127.0.0.1')
    .option('--origin <origin>', 'site that may send, repeatable (default: any)', origin, [])
    .option('--country <code>', 'shop front of batches that name none', country)
    .option('--spool <folder>', 'where events wait for Kafka (default: collect in the data folder)')
    .option('--spool-limit <megabytes>', 'what may wait', whole, 256)
    .option('--max-body <kilobytes>', 'largest batch', whole, 64)
    .option('--trust-proxy', 'visitors come through a proxy that sets X-Forwarded-For')
    .addHelpText('after', help)
    .action(collect)
}

async function collect(flags: CollectFlags): Promise<void> {
  const folder = flags.spool ?? join(dataFolder(), 'collect')
  const log = openLog('collect')
  const platform = openPlatform((line) => log.warn(line))
  const stop = stopSignal()
  try {
    await withLock(join(folder, 'lock'), async () => {
      const collector = await openCollector({
        folder,
        maxBytes: flags.spoolLimit * 1_048_576,
        masterKey: Buffer.from(platform.addresses.masterKey, 'base64'),
        onDamage: (text) => log.error(text),
      })
      try {
        await run(flags, platform, collector, log, stop.signal)
      } finally {
        await collector.close()
      }
    })
  } finally {
    stop.release()
    await platform.close()
  }
}

async function run(
  flags: CollectFlags,
  platform: Platform,
  collector: Collector,
  log: ReturnType<typeof openLog>,
  stopped: AbortSignal,
): Promise<void> {
  const { country, trustProxy = false, host } = flags
  const sums = { written: 0, deadLettered: 0 }
  const server = await serveCollect({
    ...{ collector, host, trustProxy, port: flags.port, maxBody: flags.maxBody * 1_024, forwarded: () => sums },
    ...(flags.origin.length === 0 ? {} : { origins: flags.origin }),
    ...(country === undefined ? {} : { country }),
  })
  log.info({ port: server.port, spool: collector.spool.id }, `collecting at http://${host}:${server.port}/v1/events`)
  const told = (text: string): void => log.warn(text)
  try {
    // Topics are made when Kafka is there; until then events wait on disk.
    const patience = { patienceMs: Number.POSITIVE_INFINITY, signal: stopped, told }
    await prepared(platform, collectedTopics.values(), patience)
    if (stopped.aborted) return
    const { app, broker, registry, vault } = platform
    await forward({
      ...{ spool: collector.spool, app, broker, registry, vault, signal: stopped, onWaiting: told },
      onForwarded({ written, deadLettered }) {
        sums.written += written
        sums.deadLettered += deadLettered
      },
    })
  } finally {
    await server.close()
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

function country(text: string): string {
  if (!/^[A-Z]{2}$/.test(text)) throw new InvalidArgumentError('It is not a code of two letters, like FR.')
  return text
}
