import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

/** A row of the gold table; `key` is `2017-06-01|GROCERY`. */
export interface GoldRow {
  readonly key: string
  readonly lines: number
  readonly units: number
  readonly cents: number
}

/** Rows of a Parquet file with day, department, lines, units and revenue. */
export async function parquetGold(path: string): Promise<readonly GoldRow[]> {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors })
  return rows.map(({ day, department, lines, units, revenue }) => ({
    key: `${dayOf(day)}|${department}`,
    lines: Number(lines),
    units: Number(units),
    cents: Math.round(Number(revenue) * 100),
  }))
}

function dayOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  throw new Error(`a day is ${typeof value} ${String(value)}`)
}

/** What differs, a line each; nothing where the tables are the same to the cent. Rows that come twice differ, too. */
export function differences(one: readonly GoldRow[], other: readonly GoldRow[]): readonly string[] {
  const [own, others] = [byKey(one), byKey(other)]
  const keys = [...new Set([...own.keys(), ...others.keys()])].sort()
  return keys.flatMap((key) => {
    const [mine, theirs] = [said(own.get(key)), said(others.get(key))]
    return mine === theirs ? [] : [`${key}: ${mine} where the other has ${theirs}`]
  })
}

function byKey(rows: readonly GoldRow[]): ReadonlyMap<string, readonly GoldRow[]> {
  const found = new Map<string, GoldRow[]>()
  for (const row of rows) found.set(row.key, [...(found.get(row.key) ?? []), row])
  return found
}

const said = (rows: readonly GoldRow[] = []): string =>
  rows.map(({ lines, units, cents }) => `${lines} lines, ${units} units, ${cents} cents`).join(' and ') || 'nothing'
