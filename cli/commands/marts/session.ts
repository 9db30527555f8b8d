import type { Command } from 'commander'
import { loadAddresses, martsTimeZone } from '../../../deploy/config.ts'
import { type CheckResult, type Mart, readMarts, selected } from '../../../marts/index.ts'
import { ClickHouseWarehouse } from '../../../sinks/clickhouse/index.ts'

export interface Selection {
  readonly select?: readonly string[]
  readonly json?: boolean
}

export const withSelection = (command: Command): Command =>
  command
    .option('--select <name>', 'only this mart; x+ with its readers, +x with what it reads; repeatable', repeatable)
    .option('--json', 'for programs')

const repeatable = (text: string, all: readonly string[] = []): readonly string[] => [...all, text]

/** Every mart, or those that were chosen, in order. */
export const martsOf = ({ select = [] }: Selection): readonly Mart[] => selected(readMarts(martsTimeZone()), select)

/** Runs with the warehouse open, and closes it. */
export async function withWarehouse<T>(work: (warehouse: ClickHouseWarehouse) => Promise<T>): Promise<T> {
  const warehouse = new ClickHouseWarehouse(loadAddresses().clickhouse)
  try {
    return await work(warehouse)
  } finally {
    await warehouse.close()
  }
}

/** What failed, each with the first rows that broke it. */
export function failuresText(checks: readonly CheckResult[]): string {
  const failed = checks.filter(({ failing }) => failing > 0)
  if (failed.length === 0) return `${checks.length} tests hold`
  const told = failed.map(({ mart, check, severity, failing, rows }) =>
    [
      `${severity === 'warn' ? 'warning' : 'FAILED'}  ${mart}: ${check}; ${failing} ${failing === 1 ? 'row is' : 'rows are'} not so`,
      ...rows.map((row) => `         ${JSON.stringify(row)}`),
      ...(failing > rows.length ? ['         …'] : []),
    ].join('\n'),
  )
  return [...told, `${checks.length - failed.length} of ${checks.length} tests hold`].join('\n')
}

/** Those that a command ends with 1 for. */
export const errorsOf = (checks: readonly CheckResult[]): readonly CheckResult[] =>
  checks.filter(({ failing, severity }) => failing > 0 && severity === 'error')
