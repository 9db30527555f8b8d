import { reasonOf } from '#engine/errors'
import type { Clock } from '#engine/time'
import type { Outcome } from './contract.ts'
import type { Ended } from './execute.ts'

/** A step of a flow, as far as running it goes. */
export interface FlowStep {
  readonly name: string
  /** Names of the steps that have to succeed first. */
  readonly after: readonly string[]
  /** Further tries of a step that failed. */
  readonly retries: number
  /** Milliseconds before the first further try; doubled before every other, up to the longest. */
  readonly backOffMs: number
  readonly longestBackOffMs: number
  /** Of one try, milliseconds. */
  readonly timeoutMs: number
}

/** Where a step stands: `kept` had succeeded in an earlier run, `passed-over` waits for one that failed. */
export type StepState = 'waiting' | 'running' | 'pausing' | 'kept' | 'passed-over' | Outcome

export interface StepOutcome extends Ended {
  readonly outcome: Outcome
  readonly seconds: number
}

/** What becomes of a step, told as it happens. */
export interface StepEvent {
  readonly step: string
  /** From 1. */
  readonly attempt: number
  /** Wall clock, milliseconds. */
  readonly at: number
  /** With the end of a try. */
  readonly end?: StepOutcome
}

export interface RunStepsOptions<S extends FlowStep> {
  /** Each behind those that it waits for. */
  readonly steps: readonly S[]
  /** Names of steps that have succeeded already: they are not run. */
  readonly finished: ReadonlySet<string>
  /** Runs one try of a step to its end; ends it when the signal aborts. */
  readonly execute: (step: S, signal: AbortSignal) => Promise<Ended>
  /** Keeps what happened. A step counts as finished once this has resolved, so what it was told is there after a kill. */
  readonly note: (event: StepEvent) => Promise<void>
  readonly onState?: (step: S, state: StepState, end?: StepOutcome) => void
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Steps at once. */
  readonly parallel: number
}

export interface FlowEnd extends Ended {
  readonly states: ReadonlyMap<string, StepState>
}

/**
 * Runs the steps that are not finished, each once those before it have succeeded. A step that fails is tried again as it
 * says; then what waits for it is passed over, and what does not goes on. After the signal no step begins.
 */
export async function runSteps<S extends FlowStep>(options: RunStepsOptions<S>): Promise<FlowEnd> {
  const { steps, finished, signal, parallel, onState = () => {} } = options
  const states = new Map<string, StepState>()
  const reasons: string[] = []
  const running = new Map<string, Promise<void>>()
  let failedWith: number | undefined
  const set = (step: S, state: StepState, end?: StepOutcome): void => {
    states.set(step.name, state)
    onState(step, state, end)
  }
  const begin = (step: S): void => {
    const run = tries(options, step, (state, end) => set(step, state, end)).then((end) => {
      running.delete(step.name)
      if (end.outcome === 'succeeded') return
      failedWith ??= end.exitCode
      reasons.push(`${step.name}: ${end.reason ?? end.outcome}`)
    })
    running.set(step.name, run)
  }
  for (const step of steps) set(step, finished.has(step.name) ? 'kept' : 'waiting')
  for (;;) {
    for (const step of steps) {
      if (states.get(step.name) !== 'waiting') continue
      const before = step.after.map((name) => states.get(name))
      if (before.some((state) => state === 'failed' || state === 'passed-over')) set(step, 'passed-over')
      else if (before.every((state) => state === 'succeeded' || state === 'kept')) {
        if (!signal.aborted && running.size < parallel) begin(step)
      }
    }
    if (running.size === 0) break
    await Promise.race(running.values())
  }
  const well = steps.every(({ name }) => states.get(name) === 'succeeded' || states.get(name) === 'kept')
  if (well) return { states, exitCode: 0 }
  // 0 is for a run that is whole: one that was stopped between its steps has no code.
  const exitCode = failedWith === 0 ? undefined : failedWith
  const reason = reasons.join(' · ')
  return { states, exitCode, ...(reason === '' ? {} : { reason }) }
}

/** One step with its tries. */
async function tries<S extends FlowStep>(
  options: RunStepsOptions<S>,
  step: S,
  set: (state: StepState, end?: StepOutcome) => void,
): Promise<StepOutcome> {
  const { clock, signal } = options
  for (let attempt = 1; ; attempt++) {
    set('running')
    const end = await oneTry(options, step, attempt)
    if (end.outcome !== 'failed' || attempt > step.retries) {
      set(end.outcome, end)
      return end
    }
    set('pausing', end)
    await clock.sleep(Math.min(step.backOffMs * 2 ** (attempt - 1), step.longestBackOffMs), signal)
    if (!signal.aborted) continue
    set('interrupted', end)
    return { ...end, outcome: 'interrupted' }
  }
}

async function oneTry<S extends FlowStep>(
  { clock, signal, execute, note }: RunStepsOptions<S>,
  step: S,
  attempt: number,
): Promise<StepOutcome> {
  const begun = clock.now()
  const about = { step: step.name, attempt }
  const over = new AbortController()
  const late = new AbortController()
  const timing = clock.sleep(step.timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) late.abort()
  })
  let ended: Ended
  try {
    await note({ ...about, at: begun })
    ended = await execute(step, AbortSignal.any([signal, late.signal]))
  } catch (thrown) {
    ended = { exitCode: undefined, reason: reasonOf(thrown) }
  }
  over.abort()
  await timing
  const at = clock.now()
  const outcome: Outcome =
    ended.exitCode === 0 ? 'succeeded' : signal.aborted && !late.signal.aborted ? 'interrupted' : 'failed'
  const reason = late.signal.aborted ? `it took longer than ${step.timeoutMs / 1_000} s` : ended.reason
  const end: StepOutcome = {
    ...{ outcome, seconds: (at - begun) / 1_000, exitCode: ended.exitCode },
    ...(outcome === 'succeeded' || reason === undefined ? {} : { reason }),
  }
  try {
    await note({ ...about, at, end })
    return end
  } catch (thrown) {
    // What nobody knows of has not succeeded: it is done again.
    return { ...end, outcome: 'failed', reason: `recording its end: ${reasonOf(thrown)}` }
  }
}
