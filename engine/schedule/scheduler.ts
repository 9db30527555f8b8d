import { KappaError, reasonOf } from '#engine/errors'
import type { Entry, ScheduleEvent } from './contract.ts'
import { standingOf } from './due.ts'
import { claim, type ExecuteOptions, type RunEnd, runClaimed } from './execute.ts'

export interface SchedulerOptions extends ExecuteOptions {
  readonly entries: readonly Entry[]
  readonly signal: AbortSignal
  /** Runs at once, of different entries. */
  readonly parallel: number
  /** Ends when nothing is due and nothing runs. */
  readonly once?: boolean
  readonly onStart?: (started: ScheduleEvent) => void
  readonly onEnd?: (end: RunEnd) => void
  /** Something did not work that is tried again: the broker is away. */
  readonly onTrouble?: (reason: string) => void
}

/** Other processes may have run something: looked for at least so often. */
const LOOK_EVERY_MS = 5_000
const SHORTEST_MS = 50

/**
 * Runs what is due until the signal, or once. Any number of schedulers may run: each moment is claimed by one of them. Ends
 * after its runs have: these are told to stop, and are taken up again by the next scheduler. Returns how its runs ended, with
 * `once` alone.
 */
export async function runScheduler(options: SchedulerOptions): Promise<readonly RunEnd[]> {
  const { history, clock, entries, signal, parallel, once = false, onTrouble = () => {} } = options
  const running = new Map<string, Promise<void>>()
  const ends: RunEnd[] = []
  let news = new AbortController()

  const begin = (entry: Entry, started: ScheduleEvent): void => {
    options.onStart?.(started)
    const run = runClaimed(options, entry, started, signal)
      .then((end) => {
        if (once) ends.push(end)
        options.onEnd?.(end)
      })
      .catch((thrown: unknown) => onTrouble(`recording the end of ${entry.name}: ${reasonOf(thrown)}`))
      .finally(() => {
        running.delete(entry.name)
        news.abort()
      })
    running.set(entry.name, run)
  }

  /** What can be claimed is; true where something may still be. */
  const look = async (): Promise<boolean> => {
    let more = false
    for (const entry of entries) {
      if (running.has(entry.name)) continue
      const { due, declared } = standingOf(entry, await history.all(), clock.now(), history.runners?.isGone)
      if (declared && due === undefined) continue
      if (running.size >= parallel || signal.aborted) {
        more = true
        continue
      }
      const claimed = await claim(history, entry)
      if (claimed?.kind === 'started') begin(entry, claimed)
      else if (claimed !== undefined) more = true
    }
    return more
  }

  while (!signal.aborted) {
    news = new AbortController()
    let more = true
    try {
      more = await look()
    } catch (thrown) {
      if (!(thrown instanceof KappaError)) throw thrown
      onTrouble(reasonOf(thrown))
    }
    if (once && !more && running.size === 0) break
    const now = clock.now()
    const next = entries.map(({ moments }) => moments.next(now) ?? Number.POSITIVE_INFINITY)
    const wait = Math.max(SHORTEST_MS, Math.min(LOOK_EVERY_MS, Math.min(...next) - now))
    await clock.sleep(wait, AbortSignal.any([signal, news.signal]))
  }
  await Promise.all(running.values())
  return ends
}
