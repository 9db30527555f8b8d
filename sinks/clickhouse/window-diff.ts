import type { ClickHouseClient } from '@clickhouse/client'
import type { AnyTopic, Table } from '#engine/schema'
import { translated } from './connect.ts'
import { paramsOf, type ReplayedRange, within } from './replayed-range.ts'
import { nameOf, tableFor } from './tables.ts'

/** One window of a result, in the live table and in a generation's. */
export interface WindowDifference {
  /** Its start, or that of the stretch of time it lies in: milliseconds. */
  readonly at: number
  /** Rows that each side has, and how many identities differ. */
  readonly live: number
  readonly replayed: number
  readonly onlyLive: number
  readonly onlyReplayed: number
  readonly changed: number
  /** Sums of each numeric field, exact where it is a decimal or whole number, as text. */
  readonly sums: Readonly<Record<string, { readonly live: string; readonly replayed: string }>>
}

export interface WindowDiff {
  /** Windows compared, and those of them in which a row differs. */
  readonly compared: number
  readonly differing: number
  /** Sums over all windows. */
  readonly totals: WindowDifference['sums']
  /** The first windows in which a row differs, oldest first. */
  readonly windows: readonly WindowDifference[]
}

export interface DiffOptions extends ReplayedRange {
  /** Windows are put together to stretches of so many milliseconds; absent: every value of the time field is a window. */
  readonly everyMs?: number
  /** At most so many windows are given. */
  readonly limit: number
}

const NUMERIC = /^(Nullable\()?(U?Int\d+|Float\d+|Decimal)/

/** Compares a generation's table with the live one window by window: rows, identities that differ, and what they add up to. */
export async function diffWindows(
  client: ClickHouseClient,
  topic: AnyTopic,
  generation: number,
  { everyMs = 1, limit, ...range }: DiffOptions,
): Promise<WindowDiff> {
  const [live, own] = [tableFor(topic, undefined), tableFor(topic, generation)]
  const { contract } = topic
  const ids = contract.topic.id.length > 0 ? contract.topic.id : contract.fields.map(({ name }) => name)
  const numeric = own.fields
    .filter(({ name, type }) => NUMERIC.test(type) && !ids.includes(name))
    .map(({ name }) => name)
  const time = `toUnixTimestamp64Milli(\`${contract.topic.time}\`)`
  const hash = (names: readonly string[]): string =>
    `sipHash128(${names.map((name) => `ifNull(toString(\`${name}\`), '\\\\N')`).join(', ')})`
  const side = (table: Table, replayed: number): string => `
    SELECT ${replayed} AS replayed, intDiv(${time}, {every:Int64}) * {every:Int64} AS at, ${hash(ids)} AS id,
           ${hash(own.fields.map(({ name }) => name))} AS row${numeric.map((name) => `, \`${name}\``).join('')}
    FROM ${nameOf(table)}${table.upserts ? ' FINAL' : ''} WHERE ${within(topic, range)}`
  const both = `(${side(live, 0)} UNION ALL ${side(own, 1)})`
  const sums = numeric.flatMap((name) => [0, 1].map((of) => `toString(sumIf(\`${name}\`, replayed = ${of}))`))
  const identities = `
    SELECT at, countIf(replayed = 0) AS lives, countIf(replayed = 1) AS replays,
           lives = replays AND uniqExact(row) = 1 AS equal
    FROM ${both} GROUP BY at, id`
  const changes = `
    SELECT at, sum(lives) AS live, sum(replays) AS replayed, countIf(replays = 0) AS onlyLive,
           countIf(lives = 0) AS onlyReplayed, countIf(NOT equal AND lives > 0 AND replays > 0) AS changed
    FROM (${identities}) GROUP BY at`
  const differing = 'onlyLive + onlyReplayed + changed > 0'
  const ask = async <T>(query: string): Promise<readonly T[]> => {
    const answer = await client.query({
      query,
      query_params: { ...paramsOf(range), every: everyMs },
      format: 'JSONCompactEachRow',
    })
    return await answer.json<T>()
  }
  try {
    const [[compared = 0, differ = 0] = []] = await ask<number[]>(
      `SELECT toUInt32(count()), toUInt32(countIf(${differing})) FROM (${changes})`,
    )
    const [totals = []] = numeric.length === 0 ? [] : await ask<string[]>(`SELECT ${sums.join(', ')} FROM ${both}`)
    const rows = await ask<[string, number, number, number, number, number]>(
      `SELECT toString(at), toUInt32(live), toUInt32(replayed), toUInt32(onlyLive), toUInt32(onlyReplayed), toUInt32(changed)
       FROM (${changes}) WHERE ${differing} ORDER BY at LIMIT ${Math.trunc(limit)}`,
    )
    const shown = rows.map(([at]) => Number(at))
    const perWindow =
      numeric.length === 0 || shown.length === 0
        ? []
        : await ask<[string, ...string[]]>(
            `SELECT toString(at), ${sums.join(', ')} FROM ${both} WHERE at IN (${shown.join(', ')}) GROUP BY at`,
          )
    const sumsAt = new Map(perWindow.map(([at, ...values]) => [at, pairs(numeric, values)]))
    return {
      compared,
      differing: differ,
      totals: pairs(numeric, totals),
      windows: rows.map(([at, liveRows, replayed, onlyLive, onlyReplayed, changed]) => ({
        ...{ at: Number(at), live: liveRows, replayed, onlyLive, onlyReplayed, changed },
        sums: sumsAt.get(at) ?? {},
      })),
    }
  } catch (thrown) {
    throw translated(thrown, `comparing the windows of ${nameOf(live)} and ${nameOf(own)}`)
  }
}

/** Live and replayed stand side by side. */
function pairs(names: readonly string[], values: readonly string[]): WindowDifference['sums'] {
  return Object.fromEntries(
    names.map((name, i) => [name, { live: values[2 * i] ?? '0', replayed: values[2 * i + 1] ?? '0' }]),
  )
}
