import { KappaError } from '#engine/errors'
import type { VersionTable } from '#engine/state'
import type { DeduplicateStep, JoinStep, Plan, Row } from '#engine/topology'
import { type At, inputOf } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import type { Deduplication } from '../deduplication.ts'
import type { Host, Operator } from '../operator.ts'
import type { Lateness } from '../outputs.ts'
import { NotPrepared, type Secrets } from '../secrets.ts'
import { type Surroundings, type Transform, transformsOf } from '../steps.ts'
import { TRIES } from '../throws.ts'

/**
 * What stands behind a step that holds rows back: the other steps and the operator, in a time of their own. A row that is
 * let go meets the time at which it was due, so that a jump of stream time gives what a slow advance gives.
 */
export class Downstream implements Host, Surroundings {
  readonly partition: number
  readonly partitions: number
  readonly secrets: Secrets
  readonly operator: Operator
  streamTime = Number.NEGATIVE_INFINITY
  readonly #host: Host & Surroundings
  readonly #transforms: readonly (readonly Transform[])[]

  /** @param from the first step of each input that stands here */
  constructor(
    plan: Plan,
    from: readonly number[],
    host: Host & Surroundings,
    operatorOf: (host: Host & Surroundings) => Operator,
  ) {
    this.#host = host
    this.partition = host.partition
    this.partitions = host.partitions
    this.secrets = host.secrets
    this.#transforms = plan.inputs.map((input, n) => transformsOf(plan, input, this, from[n]))
    this.operator = operatorOf(this)
  }

  tableOf(join: JoinStep): VersionTable {
    return this.#host.tableOf(join)
  }

  deduplicationOf(step: DeduplicateStep): Deduplication {
    return this.#host.deduplicationOf(step)
  }

  out(record: OutputRecord): void {
    this.#host.out(record)
  }

  late(at: At, lateness: Lateness): void {
    this.#host.late(at, lateness)
  }

  refuse(at: At, step: string, reason: string): void {
    this.#host.refuse(at, step, reason)
  }

  threw(record: OutputRecord): void {
    this.#host.threw(record)
  }

  /** Lets the time come to `time`. */
  moveTo(time: number): void {
    if (time > this.streamTime) this.streamTime = time
    if (this.streamTime >= this.operator.nextTime) this.operator.moved(this.streamTime)
  }

  /** Takes a row on, trying three times. What it threw last, where it threw each time: then nothing has changed. */
  offer(row: Row, at: At): { readonly thrown: unknown } | undefined {
    for (let attempt = 1; ; attempt++) {
      try {
        this.push(row, at)
        return undefined
      } catch (thrown) {
        if (thrown instanceof NotPrepared || (thrown instanceof KappaError && thrown.code === 'POISONED')) throw thrown
        if (attempt === TRIES) return { thrown }
      }
    }
  }

  /** Takes a row on. May throw, and then has changed nothing. */
  push(row: Row, at: At): void {
    const transforms = this.#transforms[inputOf(at.source)] ?? []
    let going: Row | undefined = row
    for (let n = 0; n < transforms.length && going !== undefined; n++) going = (transforms[n] as Transform)(going, at)
    if (going === undefined) return
    this.operator.take(going, at)
    if (this.streamTime >= this.operator.nextTime) this.operator.moved(this.streamTime)
  }

  restored(streamTime: number): void {
    this.streamTime = streamTime
    this.operator.restored(streamTime)
  }
}
