import { table } from '../stack/table.ts'
import type { Shortfall } from './expected.ts'
import type { Figures, Unreferred } from './figures.ts'

/** Three digits behind the point, never rounded up to all. */
export function percent(share: number | null): string {
  if (share === null) return '-'
  return share === 1 ? '100 %' : `${(Math.floor(share * 100_000) / 1_000).toFixed(3)} %`
}

const UNITS = [
  ['y', 31_557_600],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** `3.2 h` */
export function ageText(seconds: number | null): string {
  if (seconds === null) return '-'
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? (['s', 1] as const)
  const value = seconds / length
  return `${Math.abs(value) >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`
}

const hourText = (time: string | null): string => (time === null ? '-' : time.replace(/:00(:00)?Z$/, 'Z'))

/** Figures as people read them. */
export function figuresText(
  figures: readonly Figures[],
  short: readonly Shortfall[],
  checked: boolean,
  unreferred: readonly Unreferred[] = [],
): string {
  if (figures.length === 0) return 'Nothing was measured yet: kappa run processor all'
  const windows = figures.some(({ window }) => window !== null)
  const head = [
    ...['source', 'topic', ...(windows ? ['window'] : []), 'records', 'rejected', 'complete', 'unique', 'valid'],
    ...['mean age', 'repeated', 'elsewhere', 'missing', 'outliers', 'unknown', 'until'],
  ]
  const rows = figures.map((one) => [
    ...[one.source, one.topic, ...(windows ? [hourText(one.window)] : [])],
    ...[String(one.records), one.rejected === null ? '-' : String(one.rejected)],
    ...[percent(one.completeness), percent(one.uniqueness), percent(one.validity), ageText(one.meanAgeSeconds)],
    ...[one.duplicates, one.elsewhere, one.missingCells, one.outliers, one.unknowns].map(String),
    hourText(one.until),
  ])
  const told = short.map(({ source, topic, window, figure, found, expected }) => {
    const where = `${source} ${topic}${window === null ? '' : ` ${hourText(window)}`}`
    return figure === 'meanAgeSeconds'
      ? `BELOW  ${where}: mean age ${ageText(found)}, expected at most ${ageText(expected)}`
      : `BELOW  ${where}: ${figure} ${percent(found)}, expected ${percent(expected)}`
  })
  const all = checked && short.length === 0 ? ['All as expected'] : []
  const alone = unreferred.map(
    (one) => `${one.topic}: ${one.without} of ${one.rows} rows have no ${one.column} in ${one.in}`,
  )
  return [table(head, rows), ...alone, ...(checked ? told : []), ...all].join('\n')
}
