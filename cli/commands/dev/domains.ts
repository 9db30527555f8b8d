import { type AnyTopic, tableOf } from '#engine/schema'
import type { Addresses } from '../../../deploy/addresses.ts'
import { routes } from '../../../sinks/index.ts'
import { table } from '../stack/table.ts'

/** What the made-up company does live, by the names that `kappa produce` has for it, and the database of each. */
export const LIVE_DOMAINS: Readonly<Record<string, string>> = {
  web: 'shop',
  crm: 'crm',
  ads: 'ads',
  influencers: 'influencers',
  inventory: 'inventory',
  ventes: 'ventes',
  flights: 'aviation',
  weather: 'weather',
}

/** And what is made of it. Other databases are shown under their own names once they have rows. */
const RESULT_DOMAINS: Readonly<Record<string, string>> = {
  silver: 'silver',
  quality: 'operations',
  marketing: 'marketing',
}

/** What a domain has in ClickHouse. */
export interface DomainFigures {
  readonly domain: string
  readonly rows: number
  /** Rows that landed in the last minute. */
  readonly lastMinute: number
  /** The latest event time that is not ahead of the clock, milliseconds; undefined where there is none. */
  readonly lastEvent: number | undefined
  readonly tables: number
}

const databaseOf = (domain: string): string => LIVE_DOMAINS[domain] ?? RESULT_DOMAINS[domain] ?? domain

/** One question for all tables of these that are there. */
export function questionOf(topics: readonly AnyTopic[], there: ReadonlySet<string>): string | undefined {
  const parts = topics.flatMap((topic) => {
    const { database, name } = tableOf(topic)
    if (!there.has(`${database}.${name}`)) return []
    const time = `\`${topic.contract.topic.time}\``
    return `SELECT '${database}' AS database, count() AS rows, countIf(_writtenAt >= now64(3) - INTERVAL 60 SECOND) AS recent,
      toUnixTimestamp64Milli(maxIf(${time}, ${time} <= now64(3))) AS last FROM \`${database}\`.\`${name}\``
  })
  if (parts.length === 0) return undefined
  return `SELECT database, toString(sum(rows)), toString(sum(recent)), toString(max(last)), toString(count())
    FROM (${parts.join(' UNION ALL ')}) GROUP BY database FORMAT JSONCompact`
}

/**
 * Figures of every domain, also of those that have nothing yet; asked over plain HTTP as the read-only user, undefined while
 * nothing answers.
 * @param there names of tables that have rows
 */
export async function figuresPerDomain(
  { clickhouse }: Pick<Addresses, 'clickhouse'>,
  there: ReadonlySet<string>,
): Promise<readonly DomainFigures[] | undefined> {
  const own = [...Object.keys(LIVE_DOMAINS), ...Object.keys(RESULT_DOMAINS)]
  const question = questionOf(
    routes.flatMap(({ topic, clickhouse }) => (clickhouse ? [topic] : [])),
    there,
  )
  try {
    const found = question === undefined ? [] : await ask(clickhouse, question)
    const shown = new Set(own.map(databaseOf))
    const others = found.flatMap(([database]) => (database === undefined || shown.has(database) ? [] : [database]))
    return [...own, ...others.sort()].map((domain) => {
      const row = found.find(([database]) => database === databaseOf(domain))
      const [rows = 0, lastMinute = 0, last = 0, tables = 0] = (row ?? []).slice(1).map(Number)
      return { domain, rows, lastMinute, lastEvent: last > 0 ? last : undefined, tables }
    })
  } catch {
    return undefined
  }
}

async function ask({ url, reader }: Addresses['clickhouse'], body: string): Promise<readonly (readonly string[])[]> {
  const headers = { 'X-ClickHouse-User': reader.username, 'X-ClickHouse-Key': reader.password }
  const answer = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(5_000) })
  if (!answer.ok) throw new Error(await answer.text())
  return ((await answer.json()) as { data: readonly (readonly string[])[] }).data
}

const number = (value: number): string => value.toLocaleString('en-US')
const right = (text: string, width: number): string => text.padStart(width)

/** @param now milliseconds */
export function domainsText(figures: readonly DomainFigures[], now: number): string {
  const rows = figures.map(({ domain, rows, lastMinute, lastEvent, tables }) => [
    `  ${domain}`,
    right(number(lastMinute), 11),
    right(lastEvent === undefined ? 'none yet' : agoText(now - lastEvent), 12),
    right(number(rows), 12),
    right(String(tables), 6),
  ])
  const head = ['  domain', 'last minute', right('last event', 12), right('rows', 12), 'tables']
  return table(head, rows)
}

/** `12 s ago` */
export function agoText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000))
  if (seconds < 100) return `${seconds} s ago`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min ago`
  return seconds < 48 * 3_600 ? `${Math.round(seconds / 3_600)} h ago` : `${Math.round(seconds / 86_400)} d ago`
}
