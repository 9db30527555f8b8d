import type { ProgramName } from '../programs.ts'
import type { QueryName } from '../queries.ts'
import { type Spread, shown, spreadOf } from '../table.ts'

/** Produce-to-result at one rate, milliseconds. */
export interface LatencyStep {
  /** Events a second that were to be sent, and that were. */
  readonly rate: number
  readonly sent: number
  readonly results: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
  /** Events sent that no result stands for, where that can be told. Below zero: some were counted twice. */
  readonly missing?: number
  /** CPU seconds a second, all processes of the program. */
  readonly cpuShare: number
  readonly megabytes: number
}

export interface LatencyRun {
  readonly query: QueryName
  readonly program: ProgramName
  readonly round: number
  readonly load: number
  readonly steps: readonly LatencyStep[]
  readonly void?: string
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN

/** How many times as long another program takes as Kappa, round by round; above 1 Kappa is ahead. */
export interface LatencyRatio {
  readonly query: QueryName
  readonly of: ProgramName
  readonly over: ProgramName
  readonly rate: number
  readonly p50: Spread
  readonly p99: Spread
}

const stepOf = (run: LatencyRun, rate: number): LatencyStep | undefined =>
  run.steps.find((step) => step.rate === rate && step.results > 0)

export function latencyRatios(runs: readonly LatencyRun[]): LatencyRatio[] {
  const found: LatencyRatio[] = []
  const rates = [...new Set(runs.flatMap(({ steps }) => steps.map(({ rate }) => rate)))]
  for (const query of new Set(runs.map((run) => run.query))) {
    const own = runs.filter((run) => run.query === query)
    const programs = [...new Set(own.map(({ program }) => program))]
    for (const of of programs.filter((name) => name.startsWith('kappa')))
      for (const over of programs.filter((name) => !name.startsWith('kappa')))
        for (const rate of rates) {
          const pairs = own.flatMap((run) => {
            const other = own.find(({ program, round }) => program === over && round === run.round)
            const [mine, theirs] = [stepOf(run, rate), other && stepOf(other, rate)]
            return run.program === of && mine && theirs ? [[mine, theirs] as const] : []
          })
          if (pairs.length === 0) continue
          const p50 = spreadOf(pairs.map(([mine, theirs]) => theirs.p50 / mine.p50))
          const p99 = spreadOf(pairs.map(([mine, theirs]) => theirs.p99 / mine.p99))
          found.push({ query, of, over, rate, p50, p99 })
        }
  }
  return found
}

const whole = (n: number): string => (Number.isNaN(n) ? 'none' : n.toFixed(0))

/** The runs of one query as a Markdown table, a row for each program and rate; medians of the rounds, least and most. */
export function latencyTable(runs: readonly LatencyRun[]): string {
  const lines = [
    '| program | events/s | p50 ms | p95 ms | p99 ms | longest | results | missing | CPU s/s | MB |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ]
  for (const program of new Set(runs.map((run) => run.program))) {
    const own = runs.filter((run) => run.program === program)
    for (const { void: reason, round } of own)
      if (reason !== undefined) lines.push(`| ${program} | round ${round + 1} void: ${reason} | | | | | | | | |`)
    for (const rate of new Set(own.flatMap(({ steps }) => steps.map((step) => step.rate)))) {
      const steps = own.flatMap((run) => run.steps.filter((step) => step.rate === rate))
      const of = (figure: (step: LatencyStep) => number, text = whole): string =>
        shown(spreadOf(steps.map(figure)), text)
      const missing = steps.flatMap((step) => step.missing ?? [])
      lines.push(
        `| ${program} | ${whole(spreadOf(steps.map(({ sent }) => sent)).median)} of ${rate} | ${of(({ p50 }) => p50)} | ${of(({ p95 }) => p95)} | ${of(({ p99 }) => p99)} | ${of(({ most }) => most)} | ${of(({ results }) => results)} | ${missing.length > 0 ? Math.max(...missing) : '?'} | ${of(
          ({ cpuShare }) => cpuShare,
          (n) => n.toFixed(2),
        )} | ${of(({ megabytes }) => megabytes)} |`,
      )
    }
  }
  const ratios = latencyRatios(runs).map(
    ({ of, over, rate, p50, p99 }) =>
      `${over} takes × ${shown(p50, (n) => n.toFixed(2))} as long as ${of} at ${rate}/s by the median, × ${shown(p99, (n) => n.toFixed(2))} by p99`,
  )
  return [...lines, '', ...ratios].join('\n')
}
