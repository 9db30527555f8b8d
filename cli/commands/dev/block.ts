import type { Addresses } from '../../../deploy/addresses.ts'
import { type DomainFigures, domainsText } from './domains.ts'

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text)
const number = (value: number): string => value.toLocaleString('en-US')

/** Where everything is, and what to try: what a newcomer needs to go on. */
export function block(addresses: Addresses): string {
  const { kafka, registry, clickhouse, s3, redis } = addresses
  return `
${bold('Kappa is running.')}  Ctrl-C stops everything; starting again goes on where it stopped.

${bold('Where')}
  Kafka        ${kafka.brokers.join(',')}
  Registry     ${registry.url}
  ClickHouse   ${clickhouse.url}   ${clickhouse.username} / ${clickhouse.password}
               read only: ${clickhouse.reader.username} / ${clickhouse.reader.password}
  S3           ${s3.endpoint}/${s3.bucket}   ${s3.accessKeyId} / ${s3.secretAccessKey}
  Redis        ${redis.url}

${bold('Try next')}
  1  ask ClickHouse     curl '${clickhouse.url}/?user=${clickhouse.reader.username}&password=${clickhouse.reader.password}' \\
                          -d 'SELECT country, sum(revenue) FROM shop.revenue_per_minute_latest GROUP BY country FORMAT PrettyCompact'
  2  tail a topic       npm run --silent kappa -- tail shop.masked-purchases.v1 --last 3
  3  judge the data     npm run --silent kappa -- quality
  4  replay             npm run --silent kappa -- replay plan departure-delay-per-hour --from 2013-06-01 --to 2013-07-01
`
}

/** Every domain as it is now; on a screen it is drawn over itself. */
export function liveText(figures: readonly DomainFigures[], lag: number | undefined, now: number): string {
  const behind = lag === undefined ? '' : `   (processors are ${number(lag)} records behind)`
  return `${bold('In ClickHouse')}${behind}\n${domainsText(figures, now)}`
}
