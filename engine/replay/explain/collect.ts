import type { At, Lateness, Probe } from '#engine/compile'
import { framesOf } from '#engine/compile'
import { type AnyTopic, keyText } from '#engine/schema'
import { fieldsOf, originsOf, type Plan, type Row, unchanged } from '#engine/topology'
import { AddUp } from './add-up.ts'

/** Which row of the results is asked about. */
export interface RowAsked {
  /** What the row has for the fields of its identity and the keys of the processor, as events have them. */
  readonly values: Row
  /** Its event time: of windows their start. */
  readonly time: number
}

export interface EventPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds. */
  readonly eventTime: number
}

/** An event of the figure. */
export interface ExplainedEvent extends EventPlace {
  /** What it adds to each column; null for what is personal. */
  readonly amounts: Row
}

/** An event that is of the figure's window and key, and is not in it. */
export interface LeftOut extends EventPlace {
  readonly reason: string
  /** False where it cannot be told whether it has the figure's key: the step that makes the key was not reached. */
  readonly isCertain: boolean
  readonly amounts: Row
}

/** Whose late events are known to have been left out of this very row: `topic[partition]@offset`. */
export type KnownLate = ReadonlyMap<string, string>

export const placeText = ({ topic, partition, offset }: { topic: string; partition: number; offset: number }): string =>
  `${topic}[${partition}]@${offset}`

/** Takes down what became of the events of one row while the processor's own code runs over them. */
export class Collector implements Probe {
  readonly events: ExplainedEvent[] = []
  readonly leftOut: LeftOut[] = []
  readonly sums: AddUp
  readonly #plan: Plan
  readonly #asked: RowAsked
  readonly #late: KnownLate
  readonly #keys: readonly string[]
  readonly #starts: ((time: number) => readonly number[]) | undefined
  readonly #fields: readonly (readonly [string, string | undefined])[]
  readonly #seen = new Set<string>()
  readonly #keyFields: ReadonlyMap<string, readonly (readonly [string, string | undefined])[]>
  #told: { readonly place: string; readonly lateness: Lateness } | undefined

  constructor(plan: Plan, asked: RowAsked, late: KnownLate) {
    const { operator } = plan
    this.#plan = plan
    this.#asked = asked
    this.#late = late
    this.sums = new AddUp(plan)
    this.#keys = plan.keyBy ?? plan.destination.contract.topic.id
    const framed = operator?.kind === 'window' && isFramed(operator.window) ? framesOf(operator.window) : undefined
    this.#starts = framed?.starts
    const columns = operator?.kind === 'window' ? Object.entries(operator.columns) : []
    this.#fields = columns.flatMap(([name, column]) => {
      const hidden = originsOf(plan, name).some(({ personal }) => personal)
      const [field] = fieldsOf(column)
      return column.kind === 'fold' ? [] : [[name, hidden ? HIDDEN : field] as const]
    })
    this.#keyFields = new Map(
      plan.inputs.map((input) => [
        input.topic.name,
        this.#keys.map((key) => [key, unchanged(input, input.steps.length, key)] as const),
      ]),
    )
  }

  /** Followed by `took` or `ended` of the same event, but for one that is ahead of its time. */
  late(at: Readonly<At>, lateness: Lateness): void {
    this.#told = { place: placeText(at.record), lateness }
    if (lateness.reason !== 'future' || !this.#isInTime(at.time)) return
    const input = this.#plan.inputs.find(({ topic }) => topic.name === at.record.topic)
    const told = this.toldBy(at.record.topic, fieldsOfValue(input?.topic, at.record.value) ?? {})
    if (told === false || this.#isSeen(at)) return
    this.leftOut.push({ ...placeOfEvent(at), reason: latenessText(lateness), isCertain: told === true, amounts: {} })
  }

  #latenessOf(at: Readonly<At>): Lateness | undefined {
    const told = this.#told
    this.#told = undefined
    return told?.place === placeText(at.record) ? told.lateness : undefined
  }

  took(row: Row, at: Readonly<At>): void {
    const lateness = this.#told && this.#latenessOf(at)
    if (!this.#isInTime(at.time) || !this.#hasKey(row) || this.#isSeen(at)) return
    const place = placeOfEvent(at)
    const amounts = this.#amountsOf(row)
    const reason = this.#late.get(placeText(place)) ?? this.#missed(lateness)
    if (reason !== undefined) this.leftOut.push({ ...place, reason, isCertain: true, amounts })
    else {
      this.sums.add(row)
      this.events.push({ ...place, amounts })
    }
  }

  ended(row: Row, at: Readonly<At>, step: string): void {
    const lateness = this.#told && this.#latenessOf(at)
    if (!this.#isInTime(at.time)) return
    const told = this.toldBy(at.record.topic, row)
    if (told === false || this.#isSeen(at)) return
    const reason = lateness === undefined ? `not counted: ${step}` : latenessText(lateness)
    this.leftOut.push({ ...placeOfEvent(at), reason, isCertain: told === true, amounts: {} })
  }

  /** Whether an event that is no further than its topic has the row's key; undefined where a step would have made it. */
  toldBy(topic: string, row: Row): boolean | undefined {
    const fields = this.#keyFields.get(topic) ?? []
    const isKnown = ([key, field]: readonly [string, string | undefined]): boolean =>
      field !== undefined && field in row && key in this.#asked.values
    const known = fields.filter(isKnown)
    const differs = known.some(([key, field]) => !same(row[field as string], this.#asked.values[key]))
    return differs ? false : known.length === this.#keys.length ? true : undefined
  }

  /** Whether an event of this time may be of the row. */
  isInTime(time: number): boolean {
    return this.#isInTime(time)
  }

  #isInTime(time: number): boolean {
    const { time: asked } = this.#asked
    return this.#starts === undefined
      ? this.#plan.operator === undefined || time <= asked
      : this.#starts(time).includes(asked)
  }

  #hasKey(row: Row): boolean {
    return this.#keys.every(
      (key) => !(key in row && key in this.#asked.values) || same(row[key], this.#asked.values[key]),
    )
  }

  #missed(lateness: Lateness | undefined): string | undefined {
    if (lateness === undefined) return undefined
    const missed = lateness.windows?.split(',').map((window) => Number(window.split('/')[0]))
    return missed === undefined || missed.includes(this.#asked.time) ? latenessText(lateness) : undefined
  }

  /** A task that takes over again shows its events again. */
  #isSeen(at: Readonly<At>): boolean {
    const place = placeText(at.record)
    if (this.#seen.has(place)) return true
    this.#seen.add(place)
    return false
  }

  #amountsOf(row: Row): Row {
    return Object.fromEntries(
      this.#fields.map(([name, field]) => [
        name,
        field === undefined ? 1 : field === HIDDEN ? null : (row[field] ?? null),
      ]),
    )
  }
}

const HIDDEN = ' personal'

export const isFramed = (window: { readonly kind: string }): window is Parameters<typeof framesOf>[0] =>
  window.kind === 'tumbling' || window.kind === 'hopping' || window.kind === 'calendar'

const placeOfEvent = ({ record, time }: Readonly<At>): EventPlace => ({
  topic: record.topic,
  partition: record.partition,
  offset: record.offset,
  eventTime: time,
})

/** @param lateness of a header of the late topic, or as told to a probe */
export const latenessText = ({ reason, lateness }: Pick<Lateness, 'reason' | 'lateness'>): string =>
  `late (${reason}): ${Math.round(lateness / 1_000)} s ${reason === 'future' ? 'ahead of its writing' : 'behind stream time'}`

const same = (one: unknown, other: unknown): boolean => keyText([one]) === keyText([other])

/** An event's fields by the contract it was written under, where that is the present one; undefined where it does not decode. */
export function fieldsOfValue(topic: AnyTopic | undefined, value: Buffer | null): Row | undefined {
  if (topic === undefined || value === null) return undefined
  try {
    return topic.decode(value.subarray(FRAME_BYTES)) as Row
  } catch {
    return undefined
  }
}

/** Registry framing before the Avro body: magic byte and schema id. */
const FRAME_BYTES = 5
