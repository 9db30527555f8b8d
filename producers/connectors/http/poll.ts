import { KappaError, reasonOf } from '#engine/errors'
import { type CheckpointOptions, type Checkpoints, checkpointed, type Tally } from '#engine/ingest'
import { systemClock } from '#engine/time'
import { type Ask, ask } from './ask.ts'
import type { Alarm, AnswerCache, HttpSource, Target } from './contract.ts'
import { ITEM, type LastSeen } from './news.ts'
import { pace } from './pace.ts'
import type { Persistence } from './persist.ts'
import { apiKey } from './secret.ts'
import { PAUSE, sourceName, WALK, type WalkCounts, type WalkMark, walk } from './walk.ts'

export interface PollOptions extends Omit<CheckpointOptions, 'name' | 'topics'> {
  readonly source: HttpSource
  readonly targets: readonly Target[]
  readonly key?: string
  readonly cache?: AnswerCache
  /** How a page is asked for. @defaultValue over HTTP */
  readonly ask?: Ask
  /** The targets are not all that the source has: nothing is forgotten for want of being spoken of. */
  readonly partial?: boolean
  /** One round, then the end. */
  readonly once: boolean
  /** From the beginning of a round to that of the next. Milliseconds. */
  readonly intervalMs: number
  readonly perMinute: number
  readonly timeoutMs: number
  /** Tries a page. @defaultValue 6 */
  readonly attempts?: number
  /** @defaultValue 16 MiB */
  readonly maxBytes?: number
  /** A server that asks for a longer pause is left alone until then. Milliseconds. @defaultValue 60000 */
  readonly longestWaitMs?: number
  /**
   * For how long a thing that a complete round no longer speaks of is remembered, counted from its last news. One that comes
   * back unchanged after that is published again. Milliseconds. @defaultValue 30 days
   */
  readonly rememberMs?: number
  /** In [0, 1). */
  readonly random?: () => number
  readonly onRound?: (round: Round) => void
  readonly onWarning?: (text: string) => void
  readonly onAlarm?: (alarm: Alarm) => Promise<void>
}

/** What a round did. */
export interface Round extends Readonly<WalkCounts> {
  readonly source: string
  /** Targets that could not be taken in, with the reason; the next round asks again. */
  readonly failed: readonly { readonly target: string; readonly reason: string }[]
  /** Until when the server asked to be left alone, wall clock, milliseconds. */
  readonly pausedUntil?: number
}

export interface PollSummary {
  readonly source: string
  readonly rounds: number
  /** Since the start, by topic. */
  readonly tallies: Readonly<Record<string, Tally>>
  readonly last: Round | undefined
}

const nothing = (): WalkCounts => ({ requests: 0, unchanged: 0, retries: 0, items: 0, written: 0, deadLettered: 0 })
const DAY_MS = 86_400_000

/**
 * Polls a source until the signal, or once. Every state of every thing is there once (`kappa ingest http`), however often
 * the process is killed: what was published is a checkpoint in the same transaction. A target that fails does not end the
 * run: the round says why, and the next one asks again.
 */
export async function pollHttp(options: PollOptions): Promise<PollSummary> {
  const { source, once, intervalMs, signal, clock = systemClock, onRound, cache, onWarning = () => {} } = options
  const careful = cache === undefined ? options : { ...options, cache: carefully(cache, onWarning) }
  const tallies = new Map<string, Tally>()
  let rounds = 0
  let last: Round | undefined
  await checkpointed({ ...options, name: sourceName(source), topics: source.topics }, async (checkpoints) => {
    const persistence = persistenceOf(options)
    while (!signal?.aborted) {
      const begunAt = clock.now()
      last = await round(careful, persistence, checkpoints, begunAt, tallies)
      if (signal?.aborted) return
      rounds++
      onRound?.(last)
      if (once) return
      const next = Math.max(begunAt + intervalMs, last.pausedUntil ?? 0)
      await clock.sleep(Math.max(0, next - clock.now()), signal)
    }
  })
  return { source: source.name, rounds, tallies: Object.fromEntries(tallies), last }
}

function persistenceOf(options: PollOptions): Persistence {
  const { source, key, timeoutMs, perMinute, signal, clock = systemClock } = options
  const { attempts = 6, maxBytes = 16 * 1024 * 1024, longestWaitMs = 60_000, random = Math.random } = options
  return {
    ...{
      ask: options.ask ?? ask,
      key: apiKey(source.key, key),
      timeoutMs,
      attempts,
      maxBytes,
      longestWaitMs,
      random,
      clock,
    },
    pace: pace(perMinute, clock),
    ...(signal === undefined ? {} : { signal }),
  }
}

async function round(
  options: PollOptions,
  persistence: Persistence,
  checkpoints: Checkpoints,
  begunAt: number,
  tallies: Map<string, Tally>,
): Promise<Round> {
  const { source, targets, cache, onWarning = () => {} } = options
  const counts = nothing()
  const failed: { target: string; reason: string }[] = []
  const paused = Number(checkpoints.known.get(PAUSE) ?? 0)
  if (paused > begunAt) {
    const reason = `the server asked to be left alone until ${new Date(paused).toISOString()}`
    return {
      source: source.name,
      ...counts,
      failed: targets.map(({ name }) => ({ target: name, reason })),
      pausedUntil: paused,
    }
  }
  const spokenOf = new Set<string>()
  let complete = options.partial !== true
  const on = {
    source,
    persistence,
    checkpoints,
    onWarning,
    counts,
    onTallies: adder(tallies),
    onAlarm: options.onAlarm ?? (async () => {}),
    ...(cache ? { cache } : {}),
  }
  const mark = resumable(checkpoints.known.get(WALK) as WalkMark | undefined, options, begunAt)
  const first = mark === undefined ? 0 : targets.findIndex(({ name }) => name === mark.target)
  for (const [i, target] of targets.entries()) {
    if (i < first) {
      complete = false
      continue
    }
    const end = await walk(target, i === first ? mark : undefined, mark?.begunAt ?? begunAt, on)
    if (end.kind === 'stopped') break
    if (end.kind === 'done') {
      for (const key of end.spokenOf) spokenOf.add(key)
      complete &&= end.complete
      continue
    }
    complete = false
    failed.push({ target: target.name, reason: end.reason })
    if (end.pausedUntil === undefined) continue
    await checkpoints.commit([], new Map([[PAUSE, end.pausedUntil]]))
    return { source: source.name, ...counts, failed, pausedUntil: end.pausedUntil }
  }
  if (complete) await forget(checkpoints, spokenOf, begunAt - (options.rememberMs ?? 30 * DAY_MS))
  return { source: source.name, ...counts, failed }
}

/** A walk that was broken off is gone on with while its round would still be under way, or the next one be due. */
function resumable(mark: WalkMark | undefined, options: PollOptions, now: number): WalkMark | undefined {
  if (mark === undefined || now - mark.begunAt >= Math.max(options.intervalMs, 60_000)) return undefined
  const target = options.targets.find(({ name }) => name === mark.target)
  return target !== undefined && new URL(target.url).origin === new URL(mark.url).origin ? mark : undefined
}

const FORGOTTEN_AT_ONCE = 5_000

async function forget(checkpoints: Checkpoints, spokenOf: ReadonlySet<string>, before: number): Promise<void> {
  const gone = [...checkpoints.known]
    .filter(([key, value]) => key.startsWith(ITEM) && !spokenOf.has(key) && (value as LastSeen).at < before)
    .map(([key]) => key)
  for (let i = 0; i < gone.length; i += FORGOTTEN_AT_ONCE)
    await checkpoints.commit([], new Map(gone.slice(i, i + FORGOTTEN_AT_ONCE).map((key) => [key, null])))
}

/** A cache that is away holds nothing up; it is said once. */
function carefully(cache: AnswerCache, onWarning: (text: string) => void): AnswerCache {
  let told = false
  return {
    ...cache,
    async keep(answer) {
      try {
        await cache.keep(answer)
        told = false
      } catch (thrown) {
        if (!(thrown instanceof KappaError)) throw thrown
        if (!told) onWarning(`the last answers are not kept: ${reasonOf(thrown)}`)
        told = true
      }
    },
  }
}

const adder = (sums: Map<string, Tally>) => (tallies: ReadonlyMap<string, Tally>) => {
  for (const [topic, { written, deadLettered, throughTime }] of tallies) {
    const sum = sums.get(topic) ?? { written: 0, deadLettered: 0, throughTime: null }
    sum.written += written
    sum.deadLettered += deadLettered
    if (throughTime !== null) sum.throughTime = Math.max(sum.throughTime ?? throughTime, throughTime)
    sums.set(topic, sum)
  }
}
