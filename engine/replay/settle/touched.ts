import type { Broker } from '#engine/broker'
import { type At, framesOf, type Probe } from '#engine/compile'
import { type AnyTopic, keyText } from '#engine/schema'
import type { Row } from '#engine/topology'
import { placeText } from '../explain/index.ts'
import { type LateEvent, readLate } from '../late-events.ts'
import type { Settleable } from './unlimited.ts'

/** Late events that a correction can make good, each with the windows it missed. */
export async function lateOf(broker: Broker, topic: string, { window }: Settleable): Promise<readonly LateEvent[]> {
  const frames = framesOf(window)
  return (await readLate(broker, topic)).flatMap((event) => {
    // Too far ahead of its writing, or maybe a duplicate: with unlimited grace it would not count either.
    if (event.reason === 'future' || event.reason === 'horizon') return []
    return [{ ...event, starts: event.starts.length > 0 ? event.starts : frames.starts(event.eventTime) }]
  })
}

/** Which rows late events belong to: found while the processor's code runs over the windows that they missed. */
export class Touched implements Probe {
  /** Identities of rows, as `keyText` of the fields of their identity. */
  readonly rows = new Set<string>()
  readonly #late: ReadonlyMap<string, readonly number[]>
  readonly #starts: ReadonlySet<number>
  readonly #startsOf: (time: number) => readonly number[]
  readonly #id: readonly string[]

  /** @param starts of the windows that are made anew */
  constructor({ plan, window }: Settleable, late: readonly LateEvent[], starts: ReadonlySet<number>) {
    this.#late = new Map(late.map((event) => [placeText(event), event.starts]))
    this.#starts = starts
    this.#startsOf = framesOf(window).starts
    this.#id = plan.destination.contract.topic.id
  }

  wants(time: number): boolean {
    return this.#startsOf(time).some((start) => this.#starts.has(start))
  }

  took(row: Row, { record }: Readonly<At>): void {
    for (const start of this.#late.get(placeText(record)) ?? [])
      if (this.#starts.has(start)) this.rows.add(identityOf(this.#id, { ...row, windowStart: start }))
  }

  late(): void {}
  ended(): void {}
}

export const identityOf = (id: readonly string[], row: Row): string => keyText(id.map((field) => row[field]))
export const identityIn = ({ contract }: AnyTopic, row: Row): string => identityOf(contract.topic.id, row)
