import { setTimeout as pause } from 'node:timers/promises'
import { kafkaBroker } from '#engine/broker'
import { type Installation, until } from '../../tests/installation.ts'
import { CpuMeter, good, timed } from '../delivered.ts'
import type { GoldRow } from './rows.ts'

const NAME = 'retail-revenue-per-day'
const SOURCE = 'retail.purchase-lines.v1'
const RESULTS = 'retail.revenue-per-day.v1'
const MOST_MS = 300_000
/** The last windows are closed when nothing came for so long. */
const QUIET_MS = 3_000

/** Days `[from, to)`. */
export interface Range {
  readonly from: string
  readonly to: string
}

/** Brings the lines of these days to Kafka, and lets the live processor take them once, as it is before any replay. */
export async function fill(kappa: Installation, { from, to }: Range, tell: (line: string) => void): Promise<void> {
  await good(kappa, 'schemas', 'register')
  const last = dayBefore(to)
  const [, seconds] = await timed(() => good(kappa, 'import', 'retail', '--from', from, '--to', last, '--json'))
  tell(`kappa import retail, ${from} to ${last}: ${seconds.toFixed(1)} s (in none of the figures)`)
  const broker = kafkaBroker({ brokers: [...kappa.stack.addresses.kafka.brokers], clientId: 'bench' })
  const live = kappa.start('run', 'processor', NAME)
  try {
    const ends = async (topic: string) => (await broker.admin.committedEnds(topic)).reduce((sum, one) => sum + one, 0)
    const end = await ends(SOURCE)
    const taken = async (): Promise<number> => {
      if (live.child.exitCode !== null) throw new Error((await live.ended).err)
      const positions = await broker.admin.groupPositions(`kappa-${NAME}-g1-source`, SOURCE).catch(() => [])
      return positions.reduce((sum, at) => sum + Math.max(0, at), 0)
    }
    await until(taken, (count) => count >= end, MOST_MS)
    for (let before = -1, now = await ends(RESULTS); now !== before; now = await ends(RESULTS)) {
      before = now
      await pause(QUIET_MS)
    }
  } finally {
    live.child.kill('SIGINT')
    await live.ended
    await broker.close()
  }
}

export interface Replayed {
  readonly rows: readonly GoldRow[]
  /** From the start of the first process to the end of the last. */
  readonly wholeSeconds: number
  /** The longest that a replay says of itself, its table included. */
  readonly workSeconds: number
  /** By process; `replay` is all of them. */
  readonly cpu: Readonly<Record<string, number>>
  readonly events: number
}

interface Report {
  readonly generation: number
  readonly events: number
  readonly seconds: number
}

/** Replays these ranges side by side, each in a process of its own, reads their tables, and takes them away again. */
export async function replayed(kappa: Installation, ranges: readonly Range[]): Promise<Replayed> {
  const meter = new CpuMeter()
  const running: Promise<Report>[] = []
  const begun = performance.now()
  try {
    for (const [n, { from, to }] of ranges.entries()) {
      const args = ['--from', from, '--to', to, '--source', 'kafka', '--max-live-lag', 'off', '--json']
      const { child, ended } = kappa.start('replay', 'run', NAME, ...args)
      meter.watch(`replay ${n + 1}`, child.pid)
      running.push(
        ended.then(({ code, out, err }) => {
          if (code !== 0) throw new Error(`kappa replay run ended with ${code}\n${out}\n${err}`)
          return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Report
        }),
      )
    }
    for (const name of ['kafka', 'clickhouse'] as const) meter.watch(name, kappa.stack.pid(name))
    const reports = await Promise.all(running)
    const wholeSeconds = (performance.now() - begun) / 1_000
    const cpu = meter.stop()
    const rows = (await Promise.all(reports.map(({ generation }) => tableOf(kappa, generation)))).flat()
    for (const { generation } of reports) await good(kappa, 'replay', 'cancel', NAME, `v${generation}`)
    const own = ranges.reduce((sum, _, n) => sum + (cpu[`replay ${n + 1}`] ?? 0), 0)
    return {
      ...{ rows, wholeSeconds, workSeconds: Math.max(...reports.map(({ seconds }) => seconds)) },
      cpu: { replay: own, kafka: cpu.kafka ?? 0, clickhouse: cpu.clickhouse ?? 0 },
      events: reports.reduce((sum, { events }) => sum + events, 0),
    }
  } finally {
    meter.stop()
    await Promise.allSettled(running)
  }
}

async function tableOf(kappa: Installation, generation: number): Promise<readonly GoldRow[]> {
  const rows = await kappa.rows<readonly [string, string | number, string | number, string]>(
    `SELECT formatDateTime(windowStart, '%F', 'America/New_York') || '|' || department, lines, units, toString(revenue * 100)
     FROM retail.revenue_per_day__v${generation} FINAL`,
  )
  return rows.map(([key, lines, units, cents]) => ({
    ...{ key, lines: Number(lines), units: Number(units), cents: Math.round(Number(cents)) },
  }))
}

const DAY_MS = 86_400_000
const dayFrom = (time: number): string => new Date(time).toISOString().slice(0, 10)

export const dayBefore = (day: string): string => dayFrom(Date.parse(day) - DAY_MS)

/** The same days as two ranges of as many days, or one more in the second. */
export function halves({ from, to }: Range): readonly Range[] {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS
  const middle = dayFrom(Date.parse(from) + Math.floor(days / 2) * DAY_MS)
  return [
    { from, to: middle },
    { from: middle, to },
  ]
}
