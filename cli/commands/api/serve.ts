import type { Command } from 'commander'
import { KappaError, reasonOf } from '#engine/errors'
import { systemClock } from '#engine/time'
import {
  Audit,
  apiServer,
  clickhouseStore,
  LiveFeed,
  liveTopics,
  routesOf,
  scopeNames,
} from '../../../api/serving/index.ts'
import { martsTimeZone } from '../../../deploy/config.ts'
import { readMarts } from '../../../marts/index.ts'
import { ClickHouseReader } from '../../../sinks/clickhouse/index.ts'
import { servingView } from '../../../sinks/redis/index.ts'
import { ProductSink } from '../../../sinks/search/index.ts'
import { origin, port } from '../../http-flags.ts'
import { openLog } from '../../log.ts'
import { openPlatform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { auditTopic, outboxOf, tokensOf } from './audited.ts'
import { CompleteSight } from './sight.ts'

const help = `
Everything is asked with a token: Authorization: Bearer kappa_…. Where there is none yet, one with every scope is made at the
start and shown once; kappa api token makes others. /docs is the interactive page, /openapi.json the document behind it.

Paths: /clients, /clients/{id}, /achats, /kpis, /products?search=, /campaigns, /flights, /live (server-sent events; rows so far at
/live/NAME, the last minutes of one key at /live/NAME/now), and every table of gold at /gold/NAME. Rows come as JSON, CSV or Arrow (Accept, or ?format=), in pages (?limit=, and the cursor of the
page before), filtered by column. An answer has an ETag; kappa-complete-until says until when all events are in it.

Gold is what kappa marts build made; campaigns and flights are what the ClickHouse sink brings; products are found as soon as
they are in Kafka.

Examples:
  kappa api
  kappa api --port 0 --origin https://dashboard.example
  kappa api token create --scope figures --scope products --name dashboard
  curl -H "Authorization: Bearer $TOKEN" 'localhost:8080/achats?pays=FR&jour_from=2026-01-01&limit=10'
  curl -H "Authorization: Bearer $TOKEN" -H 'Accept: text/csv' localhost:8080/gold/fact_ca_jour
  curl -H "Authorization: Bearer $TOKEN" 'localhost:8080/products?search=cotton+shrits'
  curl -N -H "Authorization: Bearer $TOKEN" 'localhost:8080/live?result=revenue-per-minute&country=FR'`

interface ServeFlags {
  readonly port: number
  readonly host: string
  readonly origin: readonly string[]
}

/** `kappa api`: until Ctrl-C. */
export function registerServe(program: Command): Command {
  return program
    .command('api')
    .description('serve results by HTTP until Ctrl-C')
    .option('--port <port>', 'where; 0 takes a free one', port, 8080)
    .option('--host <host>', 'the address served at', '127.0.0.1')
    .option('--origin <origin>', 'site whose pages may read answers, repeatable (default: none)', origin, [])
    .addHelpText('after', help)
    .action(serve)
}

async function serve(flags: ServeFlags): Promise<void> {
  const log = openLog('api')
  const stop = stopSignal()
  const platform = openPlatform((line) => log.warn(line))
  const { clickhouse } = platform.addresses
  const reader = new ClickHouseReader({ ...clickhouse, ...clickhouse.reader })
  const { broker, registry } = platform
  const products = new ProductSink({
    ...{ broker, registry, clock: systemClock },
    onState: (away) => (away === undefined ? log.info('products go on') : log.warn(`products wait: ${away}`)),
  })
  const feed = new LiveFeed({
    ...{ broker, registry, topics: liveTopics, clock: systemClock },
    onState: (text) => log.warn(text),
  })
  const view = servingView({ url: platform.addresses.redis.url })
  const sight = new CompleteSight(platform)
  const tokens = tokensOf()
  const told = auditTopic(platform)
  const audit = new Audit({
    ...{ outbox: outboxOf(), publish: told.publish, clock: systemClock },
    onState: (away) => (away === undefined ? log.info('the audit goes on') : log.warn(`the audit waits: ${away}`)),
  })
  const routes = routesOf({
    ...{ marts: readMarts(martsTimeZone()), store: clickhouseStore(reader), clock: systemClock, products, feed, view },
    completion: (topic) => sight.of(topic),
  })
  const app = await apiServer({
    ...{ routes, tokens, origins: flags.origin, onRefused: (use) => audit.refused(use) },
    onError: (thrown, path) => log.error({ path: path.split('?')[0] }, reasonOf(thrown)),
  })
  // Nothing is served by a process whose index or feed has ended.
  const ended = new AbortController()
  const signal = AbortSignal.any([stop.signal, ended.signal])
  const following = Promise.all([products.run(signal), feed.run(signal), audit.run(signal)]).finally(() =>
    ended.abort(),
  )
  following.catch(() => {}) // Awaited below.
  try {
    const at = await app.listen({ port: flags.port, host: flags.host }).catch((cause: unknown) => {
      throw new KappaError('CONFIG_INVALID', `serving at ${flags.host}:${flags.port}`, { cause })
    })
    if (tokens.list().length === 0) {
      const token = tokens.create({ name: 'first', scopes: scopeNames })
      // On the screen of whoever started it, and in no log.
      console.error(`A token with every scope, shown this once: ${token}`)
    }
    log.info({ url: at }, `serving at ${at}; the page is ${at}/docs`)
    await following
  } finally {
    ended.abort()
    await app.close()
    await following.catch(() => {}) // Its own error is on its way already.
    stop.release()
    await told.close()
    await sight.close()
    await reader.close()
    await view.close()
    await platform.close()
  }
}
