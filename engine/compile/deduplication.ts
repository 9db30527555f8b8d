import { KappaError } from '#engine/errors'
import { keyText } from '#engine/schema'
import { SeenStore } from '#engine/state'
import { type DeduplicateStep, duplicatesOf, type InputPlan, type Plan, type Row } from '#engine/topology'
import type { At } from './at.ts'
import type { Lateness } from './outputs.ts'

interface Around {
  readonly streamTime: number
  readonly counts: { duplicates: number }
  late(at: At, lateness: Lateness): void
}

/**
 * Deduplication of one step on one partition. What an event's identity is noted as seen only when the event has gone
 * through: one that threw and is tried again is not its own duplicate, and one that was given up was never seen.
 */
export class Deduplication {
  readonly step: DeduplicateStep
  readonly store: SeenStore
  readonly #around: Around
  #text: string | undefined
  #time = 0

  constructor(step: DeduplicateStep, around: Around) {
    this.step = step
    this.store = new SeenStore(`deduplicate by ${step.by.join(',')} within ${step.withinMs} ms`, step.withinMs)
    this.#around = around
  }

  /** The step over rows of one input. */
  transform(input: InputPlan, at: number): (row: Row, place: At) => Row | undefined {
    const identityOf = identifiedBy(this.step, input, at)
    const { withinMs } = this.step
    return (row, place) => {
      const { streamTime } = this.#around
      this.store.drop(streamTime)
      if (place.time < streamTime - withinMs) {
        const lateness = streamTime - place.time
        this.#around.late(place, { reason: 'horizon', eventTime: place.time, lateness, streamTime })
        return undefined
      }
      this.#text = identityOf(row, place)
      this.#time = place.time
      if (!this.store.has(this.#text, place.time)) return row
      this.#around.counts.duplicates++
      return undefined
    }
  }

  /** The event has gone through, or was a duplicate. */
  settle(): void {
    if (this.#text === undefined) return
    this.store.put(this.#text, this.#time)
    this.#text = undefined
  }

  /** The event threw. */
  forget(): void {
    this.#text = undefined
  }
}

/** All deduplications of a stage, of which an event may go through several. */
export class Deduplications {
  readonly parts: readonly SeenStore[]
  readonly #all: readonly Deduplication[]

  constructor(plan: Plan, around: Around) {
    this.#all = duplicatesOf(plan).map((step) => new Deduplication(step, around))
    this.parts = this.#all.map(({ store }) => store)
  }

  of(step: DeduplicateStep): Deduplication {
    const found = this.#all.find((one) => one.step === step)
    if (!found) throw new KappaError('PLAN_INVALID', 'deduplicating by a step that the plan does not have')
    return found
  }

  settle(): void {
    for (let n = 0; n < this.#all.length; n++) (this.#all[n] as Deduplication).settle()
  }

  forget(): void {
    for (const one of this.#all) one.forget()
  }

  restored(streamTime: number): void {
    for (const store of this.parts) store.drop(streamTime)
  }
}

/**
 * The text that tells events apart: the fields named, behind the record's key where they do not contain it. So equal
 * values of different keys are different, and nothing depends on which keys share a partition.
 */
function identifiedBy({ by }: DeduplicateStep, { topic, steps }: InputPlan, at: number) {
  const own = topic.contract.topic.key
  const made = steps.slice(0, at).some(({ kind }) => kind === 'map' || kind === 'mask')
  const keyed = !made && own.length > 0 && own.every((field) => by.includes(field))
  const [only] = by
  if (keyed && by.length === 1 && only !== undefined) return (row: Row): string => String(row[only])
  return (row: Row, { record }: At): string => {
    const values = by.map((field) => row[field])
    return keyText(keyed ? values : [record.key?.toString('latin1'), ...values])
  }
}
