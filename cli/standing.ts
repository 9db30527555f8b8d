import type { Broker } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import { expectMayRun, GenerationLog, type GenerationRecord, generationsTopic, inForceOf } from '#engine/replay'
import type { Named } from '#engine/runtime'
import { type Clock, systemClock } from '#engine/time'

/** What the log of decisions says, for many tasks that ask at once. */
export class Standing {
  private readonly broker: Broker
  private readonly log: GenerationLog
  private readonly clock: Clock
  private reading: Promise<readonly GenerationRecord[]> | undefined
  private next: Promise<readonly GenerationRecord[]> | undefined

  constructor({ broker, app, clock = systemClock }: { broker: Broker; app: string; clock?: Clock }) {
    this.broker = broker
    this.clock = clock
    this.log = new GenerationLog({ broker, app, clock })
  }

  /** Everything decided before the call. Callers that come while the log is read share the next reading. */
  async records(): Promise<readonly GenerationRecord[]> {
    if (this.reading === undefined) {
      const reading = this.log.all()
      const over = () => {
        this.reading = undefined
      }
      reading.then(over, over)
      this.reading = reading
      return await reading
    }
    this.next ??= this.reading.then(
      () => this.afterwards(),
      () => this.afterwards(),
    )
    return await this.next
  }

  private async afterwards(): Promise<readonly GenerationRecord[]> {
    this.next = undefined
    return await this.records()
  }

  /** Throws BLOCKED where a task of the deployment may not run (in-force.ts). */
  async expectMayRun(of: Named, spec: StageSpec): Promise<void> {
    const readsSource = spec.inputs.every(({ role }) => role !== 'repartition')
    expectMayRun(inForceOf(await this.records(), of.processor), of, readsSource)
  }

  /** Resolves when another generation of one of these processors is in force than the one named; never after the signal. */
  async changed(running: ReadonlyMap<string, number>, signal: AbortSignal): Promise<'changed'> {
    let seen = -1
    while (!signal.aborted) {
      const end = await this.end().catch(() => seen)
      if (end !== seen) {
        const records = await this.records().catch(() => undefined)
        if (records !== undefined) {
          seen = end
          for (const [processor, generation] of running)
            if (inForceOf(records, processor).generation !== generation) return 'changed'
        }
      }
      await this.clock.sleep(WATCH_MS, signal)
    }
    return await new Promise(() => {})
  }

  private async end(): Promise<number> {
    const { name } = generationsTopic
    if (!(await this.broker.admin.topics()).has(name)) return -1
    return (await this.broker.admin.committedEnds(name))[0] ?? 0
  }
}

const WATCH_MS = 1_000
