import type { AnyTopic } from '#engine/schema'
import type { AggregateColumn } from './aggregates.ts'
import type { Window } from './windows.ts'

/** A row between steps: columns by name. */
export type Row = Record<string, unknown>

/** A topic read as a table, versioned by event time. */
export interface TablePlan {
  readonly topic: AnyTopic
  /** How far behind stream time a look-up is still answered; older events are late by name. */
  readonly historyMs: number
  readonly idleAfterMs: number
  /** `streams`: rows never move time. `shared`: they do, as events do, and those older than the history are late. */
  readonly clock: 'streams' | 'shared'
  /** Every task reads all partitions of the topic, so that any field may be looked up. Absent: its own one alone. */
  readonly broadcast?: true
}

export interface WhereStep {
  readonly kind: 'where'
  /** Field → the values it may have. */
  readonly match: Readonly<Record<string, readonly unknown[]>>
}

export interface FilterStep {
  readonly kind: 'filter'
  readonly fields: readonly string[]
  readonly test: (row: Row) => boolean
}

export interface MapStep {
  readonly kind: 'map'
  readonly fields: readonly string[]
  readonly make: (row: Row) => object
  /** Fields that pass unchanged beside what `make` yields. */
  readonly keep: readonly string[]
  /** New column → field that passes under this name, unchanged: what is dealt or joined by the field, is so by the column. */
  readonly rename?: Readonly<Record<string, string>>
}

export interface MaskStep {
  readonly kind: 'mask'
  /** Personal field → the column its strategy yields; null where the strategy is to drop it. */
  readonly columns: Readonly<Record<string, string | null>>
}

export interface DeclassifyStep {
  readonly kind: 'declassify'
  readonly fields: readonly string[]
  /** Why these are not personal from here on. */
  readonly reason: string
}

export interface JoinStep {
  readonly kind: 'join'
  readonly table: TablePlan
  /** Fields of the stream that equal the table's key fields, in their order. */
  readonly on: readonly string[]
  /** New column → field of the table. */
  readonly select: Readonly<Record<string, string>>
  readonly join: 'inner' | 'left'
  /** Values of columns where a left join finds no row; null for those not named. */
  readonly otherwise: Readonly<Row>
  /** A version older than this at the event's time is no match; undefined: any age. */
  readonly maxAgeMs: number | undefined
  /** The field whose time the look-up is made as of; undefined: the event's own time. */
  readonly asOf: string | undefined
  /** Events wait until stream time has come to their time plus this, so that versions written late are found; 0: they do not. */
  readonly graceMs: number
}

export type Side = 'left' | 'right'

/** A join of two streams by key and time. */
export interface WithinPlan {
  /** Fields of the left stream that equal the right one's key fields, in their order. */
  readonly on: readonly string[]
  /** A pair matches where right's time is in [left's − before, left's + after], both ends included. Either may be negative. */
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
  readonly join: 'inner' | 'left' | 'outer'
  /** New column → field of the right stream. */
  readonly select: Readonly<Record<string, string>>
  /** The column that takes the identity of the pair, made of both events' ids; undefined: none. */
  readonly identity: string | undefined
  /** The inputs of both sides with their steps before the join. */
  readonly left: readonly InputPlan[]
  readonly right: readonly InputPlan[]
}

/** Where an input enters a join of two streams: all inputs of both sides hold the same `within`. */
export interface WithinStep {
  readonly kind: 'within'
  readonly side: Side
  readonly within: WithinPlan
}

export interface DeduplicateStep {
  readonly kind: 'deduplicate'
  /** Fields that are equal in events that are the same one, beside the record's key. */
  readonly by: readonly string[]
  /** Events further apart in event time are different ones. */
  readonly withinMs: number
}

export type Step =
  | WhereStep
  | FilterStep
  | MapStep
  | MaskStep
  | DeclassifyStep
  | JoinStep
  | WithinStep
  | DeduplicateStep

/** One topic taken as a stream, and the steps each of its events goes through before the operator. */
export interface InputPlan {
  readonly topic: AnyTopic
  /** Undefined: an empty input never moves time on by itself. */
  readonly idleAfterMs: number | undefined
  /** Event times further ahead of their record's timestamp are late with reason `future`; undefined: no bound. */
  readonly maxAheadMs: number | undefined
  /** The column that holds when the record was written, by Kafka's timestamp; absent: none does. */
  readonly arrival?: string
  readonly steps: readonly Step[]
}

export type EmitMode = 'on-close' | 'on-update'

export interface WindowOperator {
  readonly kind: 'window'
  readonly window: Window
  readonly columns: Readonly<Record<string, AggregateColumn>>
  readonly emit: EmitMode
}

/** What a stateful operator's functions are given beside event and state. */
export interface StatefulContext<Key> {
  readonly key: Key
  /** The event's time; in `onTimer` the time the timer was set for. */
  readonly eventTime: number
  /** The largest event time taken so far by this task, over all keys. */
  readonly streamTime: number
  /** Calls `onTimer` for this key once stream time reaches `time` (milliseconds); set twice for one time, it fires once. */
  setTimer(time: number): void
  clearTimer(time: number): void
  /** Sends the event to the late topic when this call returns: it came too late to count. There is none in `onTimer`. */
  late(): void
  /** Forgets the key's state and timers when this call returns. */
  remove(): void
}

export interface StatefulOperator {
  readonly kind: 'stateful'
  readonly name: string
  readonly reads: readonly string[]
  readonly initial: () => unknown
  /** State untouched for longer (event time) is dropped; undefined: kept. */
  readonly ttlMs: number | undefined
  /** Behind a re-key: how long rows are held, so that they are taken in the order of event time. */
  readonly graceMs?: number
  /** `disk`: larger than memory, in a local file where the worker has a folder for it. */
  readonly keptOn?: 'disk'
  readonly onEvent: (context: StatefulContext<Row>, event: Row, state: unknown) => unknown
  readonly onTimer: ((context: StatefulContext<Row>, state: unknown) => unknown) | undefined
}

/** A join of two tables by their key: the two inputs of the plan, left and right, each record a new row of its key. */
export interface TablesOperator {
  readonly kind: 'tables'
  /** The key's fields in the left table. */
  readonly on: readonly string[]
  readonly join: 'inner' | 'left' | 'outer'
  /** New column → field of the right table. */
  readonly select: Readonly<Record<string, string>>
}

/** What a processor does, as data: immutable, and independent of where and how it runs. */
export interface Plan {
  readonly name: string
  readonly inputs: readonly InputPlan[]
  /** Undefined: events go straight from the steps to the destination. */
  readonly keyBy: readonly string[] | undefined
  readonly operator: WindowOperator | StatefulOperator | TablesOperator | undefined
  /** Steps over the operator's rows (`map` alone). */
  readonly finish: readonly MapStep[]
  readonly destination: AnyTopic
  /** What the plan's functions go by and their text does not show (rules given as data): part of its version. */
  readonly basis?: string
  /** Changes whenever what the processor computes may change: a digest over the plan and the text of its functions. */
  readonly version: string
}
