import { readFileSync, rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { kafkaBroker } from '#engine/broker'
import { CutLog } from '#engine/delivery'
import { systemClock } from '#engine/time'
import { type RunningStack, serviceNames } from '../deploy/local/index.ts'
import type { Installation } from '../tests/installation.ts'

export const perSecond = (count: number, seconds: number): string =>
  `${Math.round(count / seconds).toLocaleString('en-US')}/s`

export async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const begun = performance.now()
  const result = await work()
  return [result, (performance.now() - begun) / 1_000]
}

/** `kappa …`; its text, or an error with what it said. */
export async function good(kappa: Installation, ...args: string[]): Promise<string> {
  return await metered(kappa, undefined, ...args)
}

/** The same, watched by a meter under the command's first word. */
export async function metered(kappa: Installation, meter: CpuMeter | undefined, ...args: string[]): Promise<string> {
  const { child, ended } = kappa.start(...args)
  meter?.watch(args[0] ?? '', child.pid)
  const { code, out, err } = await ended
  if (code !== 0)
    throw new Error(`kappa ${args.join(' ')} ended with ${code}\n${out.slice(-4_000)}\n${err.slice(-4_000)}`)
  return out
}

const TICKS_A_SECOND = 100
const LOOK_MS = 250

/** CPU seconds that a process has used, all threads, as Linux tells; undefined elsewhere, and once it is gone. */
function cpuSecondsOf(pid: number): number | undefined {
  try {
    // behind the command's name, which may hold anything: proc(5), fields 14 and 15
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
  } catch {
    return undefined
  }
}

/** Watches what processes use from now on: on a busy machine that says more than the clock. To a quarter of a second. */
export class CpuMeter {
  private readonly watched = new Map<string, { readonly pid: number; readonly from: number; last: number }>()
  private readonly timer = setInterval(() => this.look(), LOOK_MS)

  watch(name: string, pid: number | undefined): void {
    if (pid === undefined) return
    const from = cpuSecondsOf(pid) ?? 0
    this.watched.set(name, { pid, from, last: from })
  }

  /** CPU seconds by name. */
  stop(): Readonly<Record<string, number>> {
    this.look()
    clearInterval(this.timer)
    return Object.fromEntries([...this.watched].map(([name, { from, last }]) => [name, last - from]))
  }

  private look(): void {
    for (const one of this.watched.values()) one.last = cpuSecondsOf(one.pid) ?? one.last
  }
}

/** Services are processes of their own: a run that is ended takes them, and its folders, along. Call what it returns when it is over. */
export function giveUpAtSignals(kappa: Installation, folders: readonly string[]): () => void {
  const giveUp = (): never => {
    for (const name of serviceNames) {
      const pid = kappa.stack.pid(name)
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    }
    for (const folder of [kappa.folder, ...folders]) rmSync(folder, { recursive: true, force: true })
    process.exit(143)
  }
  process.once('SIGTERM', giveUp).once('SIGINT', giveUp)
  return () => void process.removeListener('SIGTERM', giveUp).removeListener('SIGINT', giveUp)
}

/** Until the ClickHouse sink has brought so many records of each topic to its table. Topics by name; told of now and then. */
export async function untilDelivered(
  { addresses }: RunningStack,
  wanted: ReadonlyMap<string, number>,
  tell: (line: string) => void,
): Promise<void> {
  const broker = kafkaBroker({ brokers: [...addresses.kafka.brokers], clientId: 'bench' })
  const log = new CutLog({ sink: 'clickhouse', broker, clock: systemClock })
  try {
    for (let look = 0; ; look++) {
      const counts = new Map<string, number>()
      for (const { state, cut, totals } of await log.all())
        if (state === 'done') counts.set(cut.topic, (counts.get(cut.topic) ?? 0) + totals.count - totals.refused)
      const open = [...wanted].filter(([topic, count]) => (counts.get(topic) ?? 0) < count)
      if (open.length === 0) return
      if (look % 30 === 29) {
        const missing = open.map(([topic, count]) => `${topic} ${count - (counts.get(topic) ?? 0)}`)
        tell(`  on their way: ${missing.join(', ')}`)
      }
      await pause(1_000)
    }
  } finally {
    await log.close()
    await broker.close()
  }
}
