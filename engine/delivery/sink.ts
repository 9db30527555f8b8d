import { setMaxListeners } from 'node:events'
import type { Broker, Member } from '#engine/broker'
import type { AnyTopic, Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { CutLimits } from './batch.ts'
import { Breaker, type StoreHealth } from './breaker.ts'
import type { Archive, Destination } from './contract.ts'
import { CutLog } from './cut-log.ts'
import { Lane, type LaneStatus } from './lane.ts'
import type { LaneEvent, LaneOptions } from './lane-options.ts'
import { MemoryBudget } from './memory-budget.ts'

const REPORT_MS = 2_000
const FIRST_GENERATION = 1
const MEMORY_BYTES = 256 * 1024 * 1024

/** The consumer group under which lag tools see a sink. */
export const sinkGroup = (app: string, sink: string): string => `${app}-sink-${sink}`

export interface SinkOptions {
  readonly app: string
  readonly destination: Destination
  readonly topics: readonly AnyTopic[]
  readonly limits: CutLimits
  /** Lanes of each topic; each has a producer and a cut of its own. */
  readonly lanes?: number
  readonly broker: Broker
  readonly registry: Registry
  readonly archive?: Archive
  readonly clock: Clock
  readonly notify: (lane: LaneStatus, event: LaneEvent) => void
  /** Told once when the store stops answering and once when it answers again. */
  readonly onStore?: (health: StoreHealth) => void
  /** At least 0, below 1, for pauses between tries. @defaultValue Math.random */
  readonly random?: () => number
  /** Of records that are read and not yet in the store, all lanes together. @defaultValue 256 MB */
  readonly memoryBytes?: number
  /** Fault injection, of every lane. */
  readonly atStep?: LaneOptions['atStep']
}

/** Every live lane of one sink in one process. */
export class Sink {
  readonly name: string
  private readonly options: SinkOptions
  private readonly log: CutLog
  private readonly lanes: readonly Lane[]
  private readonly breaker: Breaker
  private readonly budget: MemoryBudget

  constructor(options: SinkOptions) {
    const { broker, clock, destination, topics, lanes = 1, notify, archive, atStep, onStore, random } = options
    this.options = options
    this.name = destination.name
    const breaker = new Breaker({
      clock,
      ...(onStore === undefined ? {} : { onChange: onStore }),
      ...(random === undefined ? {} : { random }),
    })
    const budget = new MemoryBudget(options.memoryBytes ?? MEMORY_BYTES)
    this.breaker = breaker
    this.budget = budget
    this.log = new CutLog({ sink: destination.name, broker, clock })
    this.lanes = topics.flatMap((topic) =>
      Array.from({ length: lanes }, (_, number) => {
        const lane: Lane = new Lane({
          app: options.app,
          topic,
          source: topic.name,
          lane: number,
          lanes,
          generation: FIRST_GENERATION,
          limits: options.limits,
          broker,
          registry: options.registry,
          destination,
          log: this.log,
          clock,
          breaker,
          budget,
          ...(archive === undefined ? {} : { archive }),
          ...(atStep === undefined ? {} : { atStep }),
          notify: (event) => notify(lane.status, event),
        })
        return lane
      }),
    )
  }

  get status(): readonly LaneStatus[] {
    return this.lanes.map((lane) => lane.status)
  }

  /** How the store does, as the lanes find it. */
  get health(): StoreHealth {
    return this.breaker.health
  }

  /** About how many bytes are read and not yet in the store, and how many may be. */
  get memory(): { readonly used: number; readonly limit: number } {
    return { used: this.budget.used, limit: this.budget.bytes }
  }

  /**
   * Runs until `signal` aborts, finishing the cuts being written. A lane that fails does not stop the others: it is told
   * of, and in the status that this resolves with.
   */
  async run(signal: AbortSignal): Promise<readonly LaneStatus[]> {
    // Every lane listens to it.
    setMaxListeners(0, signal)
    await this.log.ensure()
    const reporting = new AbortController()
    const reports = Promise.all([this.report(reporting.signal), this.watchUndone(reporting.signal)])
    await Promise.all(this.lanes.map((lane) => lane.run(signal)))
    reporting.abort()
    await reports
    await this.log.close()
    return this.status
  }

  /** Tells of every undone cut that grew too old, once. */
  private async watchUndone(signal: AbortSignal): Promise<void> {
    const { clock, notify } = this.options
    const told = new Map<Lane, string>()
    for (; !signal.aborted; await clock.sleep(REPORT_MS, signal))
      for (const lane of this.lanes) {
        const { status } = lane
        const { overdue } = status
        if (overdue === undefined || told.get(lane) === overdue) continue
        told.set(lane, overdue)
        notify(status, { kind: 'overdue', reason: overdue })
      }
  }

  /** Positions to the group, for lag tools alone: nothing is ever read from there, so a failure to report is no failure. */
  private async report(signal: AbortSignal): Promise<void> {
    const { broker, app, topics, clock } = this.options
    let member: Member | undefined
    let reported = ''
    while (!signal.aborted) {
      await clock.sleep(REPORT_MS, signal)
      try {
        member ??= await broker.member({ group: sinkGroup(app, this.name), topics: topics.map(({ name }) => name) })
        const positions = this.status.flatMap(({ topic, positions }) =>
          Object.entries(positions).map(([partition, offset]) => ({ topic, partition: Number(partition), offset })),
        )
        const text = JSON.stringify(positions)
        if (text === reported || positions.length === 0) continue
        await member.report(positions)
        reported = text
      } catch {
        reported = ''
      }
    }
    await member?.close().catch(() => {})
  }
}
