import type { Part } from '../parts/part.ts'
import type { PortName, Settings } from '../settings.ts'

/** The order in which they are named to people; they start side by side and stop in the reverse of this order. */
export const serviceNames = ['kafka', 'redis', 's3', 'registry', 'clickhouse'] as const
export type ServiceName = (typeof serviceNames)[number]

/** What a service is given to live in. */
export interface Place {
  readonly settings: Settings
  /** The service's own folder for its data and generated configuration. */
  readonly folder: string
  /** Where its fetched part lies; the empty string where it has none. */
  readonly part: string
}

export interface Launch {
  readonly file: string
  readonly args: readonly string[]
}

/** One process of the local stack. */
export interface LocalService {
  readonly name: ServiceName
  readonly part?: Part
  /** Whether it runs on the Java machine. */
  readonly java: boolean
  /** Every port it listens on, by its key in the config file; the first is the one that clients use. */
  readonly ports: readonly PortName[]
  /** Writes its configuration and makes its folders; safe to repeat before every start. */
  prepare(place: Place): Promise<void>
  launch(place: Place): Launch
  /** Resolves when it answers as a client would ask; rejects, within a few seconds, with the reason why not. */
  probe(settings: Settings): Promise<void>
  /** Milliseconds it is given between SIGTERM and SIGKILL. */
  readonly stopWithin: number
}
