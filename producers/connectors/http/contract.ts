import type { AnyTopic } from '#engine/schema'

/** What is asked for again and again: the first page of something. */
export interface Target {
  /** Stable and unique in its source, e.g. an airport's code. */
  readonly name: string
  /** Without the key. */
  readonly url: string
}

/** An item of an answer that became a value. */
export interface ValueReading {
  /** What the value is about, within its topic: the same name later is the same thing, changed or not. */
  readonly about: string
  readonly topic: AnyTopic
  readonly value: object
  /** What makes it news where it differs from the last time; by default the whole value. For values that carry the time of asking. */
  readonly newsIn?: unknown
  /** Rises with every state of the thing: what is older than the last state is passed over. */
  readonly order?: number
}

/** An item that no value could be made of. */
export interface BrokenReading {
  /** Whose dead letter it is. */
  readonly topic: AnyTopic
  readonly found: unknown
  readonly reason: string
}

export type Reading = ValueReading | BrokenReading

export interface Page {
  /** Per item of the page, in its order, what it gives: nothing, a value of one topic, or of several. */
  readonly items: readonly (readonly Reading[])[]
  /** The next page; absent behind the last one. Relative addresses lead on from this page's. */
  readonly next?: string
  /** Why the page as a whole is not what it should be: what it has is taken, its target has failed. */
  readonly failure?: string
  /** What an operator has to know of the source: said once, and taken back by a walk over the whole target without one. */
  readonly alarm?: string
}

/** What an operator is told of a target: `undefined` where it is over. */
export interface Alarm {
  readonly source: string
  readonly target: string
  readonly text: string | undefined
}

export interface ReadContext {
  readonly target: Target
  /** This page's, without the key. */
  readonly url: string
  /** Wall clock, milliseconds. */
  readonly receivedAt: number
  /** The address that the header `Link` calls `next` (RFC 8288). */
  readonly linked?: string
}

/** How a source is asked for its key. */
export interface KeyUse {
  /** The environment variable that holds it (deploy/config.ts). */
  readonly variable: string
  readonly in: 'query' | 'bearer'
  /** The query parameter. */
  readonly name?: string
  /** True where some servers ask for none. */
  readonly optional?: boolean
}

/** What is known of a source in general; `targets` and `read` are all that knows its API. */
export interface HttpSource {
  readonly name: string
  /** Which connector's it is: stands before its name in checkpoints and origins. @defaultValue http */
  readonly connector?: 'http' | 'pages'
  readonly doc: string
  readonly topics: readonly AnyTopic[]
  readonly key?: KeyUse
  /** Absent: it has to be given. */
  readonly baseUrl?: string
  readonly intervalMs: number
  /** Requests a minute at most. */
  readonly perMinute: number
  /** Throws CONFIG_INVALID where the settings do not name anything to ask for. */
  targets(settings: SourceSettings): readonly Target[]
  /** Throws DECODE_FAILED where the answer as a whole is not of the source's shape. */
  read(answer: unknown, context: ReadContext): Page
}

export interface SourceSettings {
  readonly baseUrl: string
  /** Places asked about, by code; empty: what the source does without. */
  readonly places: readonly Place[]
  /** Items a page, where the source has pages. */
  readonly pageSize: number
}

export interface Place {
  readonly code: string
  /** Degrees north and east. */
  readonly latitude?: number
  readonly longitude?: number
}

/** The last raw answer to a request, as it may be shown: its key is out of it. */
export interface KeptAnswer {
  readonly source: string
  readonly url: string
  readonly requestId: string
  readonly status: number
  readonly etag?: string
  /** Wall clock, milliseconds. */
  readonly receivedAt: number
  readonly body: string
}

/** Holds the last raw answer to each request, for people who look into a source. Losing it loses no event. */
export interface AnswerCache {
  keep(answer: KeptAnswer): Promise<void>
  /** Of a source, the latest first. */
  latest(source: string, count: number): Promise<readonly KeptAnswer[]>
  close(): Promise<void>
}
