import { type Publisher, publisher, row } from '#engine/ingest'
import { readRange } from '#engine/runtime'
import type { Moment, RunEnd, StepEvent } from '#engine/schedule'
import { type FlowEvent, type FlowOutcome, type FlowTrigger, flowRuns } from '#schemas'
import type { DeclaredFlow } from '../../../deploy/flows.ts'
import { type Platform, prepareTopics } from '../../platform.ts'
import { dateOf } from './moments.ts'

const TRIGGERS = { time: 'TIME', 'catch-up': 'CATCH_UP', again: 'AGAIN', asked: 'ASKED' } as const satisfies Record<
  Moment['trigger'],
  FlowTrigger
>
const OUTCOMES = { succeeded: 'SUCCEEDED', failed: 'FAILED', interrupted: 'INTERRUPTED' } as const satisfies Record<
  RunEnd['outcome'],
  FlowOutcome
>

/** One run of a flow, as its events name it. */
export interface FlowRun extends Moment {
  readonly flow: DeclaredFlow
  /** True: steps that have succeeded in earlier runs for the same moment are run again. */
  readonly afresh: boolean
}

/** The events of `operations.flow-runs.v1`: what every run of a flow did, step by step. */
export class FlowLog {
  private readonly platform: Platform
  private opened: Promise<Publisher> | undefined

  constructor(platform: Platform) {
    this.platform = platform
  }

  /** Everything told so far, oldest first per flow; nothing where no flow ever ran. */
  async events(): Promise<readonly FlowEvent[]> {
    const { broker, registry } = this.platform
    const { name: topic } = flowRuns
    const partitions = (await broker.admin.topics()).get(topic) ?? 0
    if (partitions === 0) return []
    const [beginnings, ends] = [await broker.admin.beginnings(topic), await broker.admin.settledEnds(topic)]
    const values: Buffer[] = []
    for (let partition = 0; partition < partitions; partition++)
      await readRange(broker, { topic, partition }, beginnings[partition] ?? 0, ends[partition] ?? 0, ({ value }) => {
        if (value !== null) values.push(value)
      })
    if (values.length === 0) return []
    const decoder = registry.decoder(flowRuns)
    for (const id of new Set(values.map((value) => decoder.idOf(value)))) await decoder.learn(id)
    return values.map((value) => decoder.decode(value))
  }

  /** The start of a run, or its end. */
  noteRun(run: FlowRun, at: number, end?: Omit<RunEnd, 'entry' | 'scheduledAt'>): Promise<void> {
    return this.note(run, { step: null, attempt: 0, at }, end)
  }

  noteStep(run: FlowRun, { step, attempt, at, end }: StepEvent): Promise<void> {
    return this.note(run, { step, attempt, at }, end)
  }

  private async note(
    { flow, scheduledAt, trigger, attempt: runAttempt, afresh }: FlowRun,
    about: Pick<FlowEvent, 'step' | 'attempt' | 'at'>,
    end?: Pick<RunEnd, 'outcome' | 'seconds' | 'exitCode'> & { readonly reason?: string | undefined },
  ): Promise<void> {
    const kind = end === undefined ? 'STARTED' : 'ENDED'
    const asked = trigger === 'asked' ? 'asked' : 'due'
    const event: FlowEvent = {
      eventId: [flow.name, scheduledAt, asked, runAttempt, about.step ?? '', about.attempt, kind].join('|'),
      flow: flow.name,
      date: dateOf(flow, scheduledAt),
      ...{ scheduledAt, trigger: TRIGGERS[trigger], runAttempt, afresh, kind, ...about },
      outcome: end === undefined ? null : OUTCOMES[end.outcome],
      exitCode: end?.exitCode ?? null,
      seconds: end?.seconds ?? null,
      reason: end?.reason ?? null,
    }
    this.opened ??= this.open()
    const open = await this.opened
    await open.publish([row(flowRuns, event, { file: 'flows', line: 1 })])
    await open.flush()
  }

  private async open(): Promise<Publisher> {
    const { broker, registry } = this.platform
    if (!(await broker.admin.topics()).has(flowRuns.name)) await prepareTopics(this.platform)
    return publisher({ broker, registry, topics: [flowRuns] })
  }

  async close(): Promise<void> {
    const opened = this.opened
    this.opened = undefined
    await (await opened?.catch(() => undefined))?.close()
  }
}

/** Names of the steps that have succeeded for a moment, since it was last begun afresh. */
export function finishedSteps(events: readonly FlowEvent[], flow: string, scheduledAt: number): ReadonlySet<string> {
  const finished = new Set<string>()
  for (const event of events) {
    if (event.flow !== flow || event.scheduledAt !== scheduledAt) continue
    if (event.step === null && event.kind === 'STARTED' && event.afresh) finished.clear()
    if (event.step !== null && event.outcome === 'SUCCEEDED') finished.add(event.step)
  }
  return finished
}
