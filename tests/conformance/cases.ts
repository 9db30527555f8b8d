import { isDeepStrictEqual } from 'node:util'

/** Conformance cases as data (the format's head explains the fields); only what this runner reads. */
export interface CaseWindow {
  readonly type: string
  readonly sizeMs?: number
  readonly advanceMs?: number
  readonly gapMs?: number
  /** Where windows of one size begin, counted from 1970. */
  readonly offsetMs?: number
  readonly graceMs?: number | null
  /** Joins: how far right's time may be before and after left's, both ends included. */
  readonly beforeMs?: number
  readonly afterMs?: number
  /** Joins with a table: how far behind a look-up is answered. */
  readonly tableHistoryMs?: number
}

export interface CaseInput {
  /** Joins: `left`, `right`, `stream` or `table`. */
  readonly side?: string
  readonly key?: unknown
  readonly ts?: number | readonly number[]
  readonly value?: unknown
  readonly watermark?: number
  readonly snapshotRestore?: boolean
  readonly add?: number
  readonly poll?: number
  readonly batch?: number
  readonly partition?: number
  readonly status?: 'idle' | 'active'
}

export interface CaseRow {
  readonly key: unknown
  readonly start: number
  readonly end: number
  readonly value: unknown
  /** Index of the input that must trigger it. */
  readonly afterInput?: number
  /** Index of the input after which it must be there. */
  readonly byInput?: number
}

/** A row of a join. */
export interface CasePair {
  readonly key: unknown
  readonly ts: number
  readonly value: readonly [left: unknown, right: unknown]
  readonly afterInput?: number
  readonly byInput?: number
}

export interface Case {
  readonly name: string
  readonly join?: string
  readonly kind?: string
  readonly window: CaseWindow | null
  readonly emit: string
  readonly aggregate?: string
  readonly dialect: string
  readonly flushAtEnd?: boolean
  readonly clockScope?: string
  /** How the peer reports a session's end. */
  readonly sessionEnd?: 'lastEvent' | 'lastEvent+gap'
  readonly partitions?: number
  readonly expectAsserted?: boolean
  readonly input: readonly CaseInput[]
  readonly expect: readonly (
    | CaseRow
    | CasePair
    | { readonly partition: number; readonly ts: number; readonly streamTime: number }
    | { readonly afterInput: number; readonly watermark?: number; readonly status?: string }
  )[]
  readonly lateDropped?: readonly number[]
  readonly lateWindowDrops?: readonly { readonly inputIndex: number; readonly window: readonly [number, number] }[]
}

/** A case that this engine cannot run yet: it fails, with this as the reason. */
export class Unsupported extends Error {}

/** What a case did not fulfil. */
export class Mismatch extends Error {
  constructor(what: string, expected: unknown, got: unknown) {
    super(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`)
  }
}

/** Equal as JSON, in whatever order the fields of an object stand. */
export const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(asJson(a), asJson(b))

const asJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

/** Of each thing got, what the case says of the one in its place: what it leaves out it does not assert. */
export const asserted = (expected: readonly object[], got: readonly object[]): object[] =>
  got.map((one, n) => {
    const named = expected[n]
    return named === undefined ? one : Object.fromEntries(Object.entries(one).filter(([name]) => name in named))
  })
