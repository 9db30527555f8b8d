import type { ProgramName } from './programs.ts'
import type { QueryName } from './queries.ts'
import type { Memory } from './watch.ts'

/** One program's turn. `void` says why its figures do not count. */
export interface Run {
  readonly query: QueryName
  readonly program: ProgramName
  readonly round: number
  readonly rate: number
  readonly laterRate?: number
  readonly cpuPerMillion: number
  readonly laterCpuPerMillion?: number
  readonly peakMegabytes: number
  readonly memory?: Memory
  readonly load: number
  readonly void?: string
}

export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export function spreadOf(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  const median = sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}

/** How many times more the one does than the other, round by round; above 1 the one is ahead. */
export interface Ratio {
  readonly query: QueryName
  readonly of: ProgramName
  readonly over: ProgramName
  readonly rate: Spread
  /** Of the second halves. */
  readonly laterRate?: Spread
  /** CPU seconds a million of the other over those of the one, in the second halves: what a busy machine blurs least. */
  readonly laterCpu?: Spread
}

const counted = (runs: readonly Run[], program: ProgramName): Run[] =>
  runs.filter((run) => run.program === program && run.void === undefined)

const quotient = (above: number | undefined, below: number | undefined): number[] =>
  above === undefined || below === undefined || below === 0 ? [] : [above / below]

export function ratios(runs: readonly Run[]): Ratio[] {
  const found: Ratio[] = []
  for (const query of new Set(runs.map((run) => run.query))) {
    const own = runs.filter((run) => run.query === query)
    const programs = [...new Set(own.map(({ program }) => program))]
    for (const of of programs.filter((name) => name.startsWith('kappa')))
      for (const over of programs.filter((name) => !name.startsWith('kappa'))) {
        const pairs = counted(own, of).flatMap((mine) => {
          const other = counted(own, over).find(({ round }) => round === mine.round)
          return other ? [[mine, other] as const] : []
        })
        if (pairs.length === 0) continue
        const laterRate = pairs.flatMap(([mine, other]) => quotient(mine.laterRate, other.laterRate))
        const laterCpu = pairs.flatMap(([mine, other]) => quotient(other.laterCpuPerMillion, mine.laterCpuPerMillion))
        found.push({
          query,
          of,
          over,
          rate: spreadOf(pairs.map(([mine, other]) => mine.rate / other.rate)),
          ...(laterRate.length > 0 ? { laterRate: spreadOf(laterRate) } : {}),
          ...(laterCpu.length > 0 ? { laterCpu: spreadOf(laterCpu) } : {}),
        })
      }
  }
  return found
}

const thousands = (n: number): string => `${Math.round(n / 1_000)} k`
const plain = (digits: number) => (n: number) => n.toFixed(digits)
export const shown = ({ median, least, most }: Spread, text: (n: number) => string): string =>
  `${text(median)} (${text(least)}–${text(most)})`

/** The runs of one query as a Markdown table, with the ratios beneath. */
export function table(runs: readonly Run[]): string {
  const lines = [
    '| program | events/s (least–most) | second half | CPU s per M | second half | peak MB |',
    '|---|---|---|---|---|---|',
    ...[...new Set(runs.map(({ program }) => program))].map((program) => {
      const own = counted(runs, program)
      const reason = runs.find((run) => run.program === program && run.void !== undefined)?.void
      if (own.length === 0) return `| ${program} | void: ${reason} | | | | |`
      const later = own.flatMap(({ laterRate }) => laterRate ?? [])
      const laterCpu = own.flatMap(({ laterCpuPerMillion }) => laterCpuPerMillion ?? [])
      const cells = [
        shown(spreadOf(own.map(({ rate }) => rate)), thousands),
        later.length > 0 ? shown(spreadOf(later), thousands) : '',
        shown(spreadOf(own.map(({ cpuPerMillion }) => cpuPerMillion)), plain(2)),
        laterCpu.length > 0 ? shown(spreadOf(laterCpu), plain(2)) : '',
        String(Math.round(spreadOf(own.map(({ peakMegabytes }) => peakMegabytes)).most)),
      ]
      return `| ${program}${reason === undefined ? '' : ` (some void: ${reason})`} | ${cells.join(' | ')} |`
    }),
    '',
    ...ratios(runs).map(({ of, over, rate, laterRate, laterCpu }) => {
      const later = laterRate ? `; second half × ${shown(laterRate, plain(2))}` : ''
      const cpu = laterCpu ? `, CPU ÷ ${shown(laterCpu, plain(2))}` : ''
      return `${of} over ${over}: × ${shown(rate, plain(2))}${later}${cpu}`
    }),
  ]
  return lines.join('\n')
}
