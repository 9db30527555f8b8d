import { rmSync } from 'node:fs'
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
  const { code, out, err } = await kappa.run(...args)
  if (code !== 0)
    throw new Error(`kappa ${args.join(' ')} ended with ${code}\n${out.slice(-4_000)}\n${err.slice(-4_000)}`)
  return out
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
