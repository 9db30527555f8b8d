import type { Broker } from '#engine/broker'
import type { Archive, Cut, CutLog, Destination, RowSum } from '#engine/delivery'
import type { AnyTopic, Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { GenerationLog } from '../generations.ts'
import type { SourceChoice } from '../plan.ts'
import type { SwitchableTables } from '../verify.ts'

/** Rows of a table beside the live one, counted; `sinks/clickhouse` implements it. */
export interface PlacedTallies {
  ofGeneration(
    topic: AnyTopic,
    generation: number,
    below: Readonly<Record<number, number>>,
    since: number | undefined,
    place: number,
  ): Promise<RowSum>
  ofCut(topic: AnyTopic, cut: Pick<Cut, 'generation' | 'ranges'>, place: number): Promise<RowSum>
  ofLatest(topic: AnyTopic, place: number, since?: number): Promise<RowSum>
}

/** A store that a live table can be made anew in, beside the live one. */
export interface RebuildDestination extends Destination {
  /** Where live cuts go into the table of a generation, as they are in the live one. */
  into(generation: number): Destination
}

export interface RebuildOptions {
  /** Prefix of transactional ids. */
  readonly app: string
  readonly broker: Broker
  readonly registry: Registry
  readonly archive: Archive | undefined
  /** Whose table is made anew. */
  readonly topic: AnyTopic
  /** The cut log of the live sink. */
  readonly cuts: CutLog
  readonly log: GenerationLog
  readonly destination: RebuildDestination
  readonly tables: SwitchableTables
  readonly tallies: PlacedTallies
  readonly clock: Clock
  readonly choice: SourceChoice
  readonly signal?: AbortSignal
  readonly onProgress?: (rows: number, of: number) => void
  /** Fault injection: throws, or never returns, before the nth stretch is written. */
  readonly atStretch?: (number: number) => void | Promise<void>
  /** The same, after each step of the switch (switch.ts). */
  readonly atStep?: (step: number) => void | Promise<void>
}

/** Under which name the log of generations knows what was made anew: no processor is called so. */
export const rebuildName = (sink: string, topic: string): string => `${sink}/${topic}`
