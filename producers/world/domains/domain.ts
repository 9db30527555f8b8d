import type { AnyTopic } from '#engine/schema'
import type { WorldEvent } from '../event.ts'
import type { World } from '../world.ts'

/** A source of the world: one of the systems that a company has. */
export interface Domain {
  readonly name: string
  /** In one line, for the command's help. */
  readonly doc: string
  /** Every topic that it writes. */
  readonly topics: readonly AnyTopic[]
  /**
   * What happens from `hour` to the next (hours since 1970, UTC), in the order of event time. A function of the world and the hour
   * alone.
   */
  hour(world: World, hour: number): readonly WorldEvent[]
  /** The rows of its tables as they are at an instant: what a consumer needs who comes in there. In the order of event time. */
  before?(world: World, instant: number): Iterable<WorldEvent>
}
