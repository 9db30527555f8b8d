import type { Addresses } from '../../../deploy/addresses.ts'

const bold = (text: string): string => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text)
const number = (value: number): string => value.toLocaleString('en-US')

/** What a newcomer needs to go on: where everything is, what is in it, what to try. Rows are told twice, so that growth shows. */
export function block(
  addresses: Addresses,
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
  lag: number | undefined,
): string {
  const { kafka, registry, clickhouse, s3, redis } = addresses
  const rows = [...after].map(([table, count]) => {
    const grown = count - (before.get(table) ?? 0)
    return `  ${table.padEnd(38)} ${number(count).padStart(12)}${grown > 0 ? `   +${number(grown)} in ${seconds} s` : ''}`
  })
  return `
${bold('Kappa is running.')}  Ctrl-C stops everything; starting again goes on where it stopped.

${bold('Where')}
  Kafka        ${kafka.brokers.join(',')}
  Registry     ${registry.url}
  ClickHouse   ${clickhouse.url}   ${clickhouse.username} / ${clickhouse.password}
               read only: ${clickhouse.reader.username} / ${clickhouse.reader.password}
  S3           ${s3.endpoint}/${s3.bucket}   ${s3.accessKeyId} / ${s3.secretAccessKey}
  Redis        ${redis.url}

${bold('Rows in ClickHouse')}${lag === undefined ? '' : `   (processors are ${number(lag)} records behind)`}
${rows.length > 0 ? rows.join('\n') : '  none yet'}

${bold('Try next')}
  1  ask ClickHouse     curl '${clickhouse.url}/?user=${clickhouse.reader.username}&password=${clickhouse.reader.password}' \\
                          -d 'SELECT country, sum(revenue) FROM shop.revenue_per_minute_latest GROUP BY country FORMAT PrettyCompact'
  2  tail a topic       npm run --silent kappa -- tail shop.masked-purchases.v1 --last 3
  3  replay             npm run --silent kappa -- replay plan departure-delay-per-hour --from 2013-06-01 --to 2013-07-01
`
}
