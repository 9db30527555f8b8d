import type { AnyTopic } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { ObjectStore } from '../object-store.ts'

export interface RefreshOptions extends FilesOptions {
  readonly topic: AnyTopic
}

/** How files become a table. */
export interface FilesOptions {
  readonly store: ObjectStore
  readonly clock: Clock
  /** Throws FENCED where a later job took over; asked right before the table changes. */
  readonly fence?: () => Promise<void>
  /** How long a snapshot stays after another took its place. */
  readonly graceMs: number
}
