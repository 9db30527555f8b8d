import type { AnyTopic, Topic } from '#engine/schema'

/**
 * Silver rules as data, beside the schemas: how records of one or more systems become rows of one clean topic. Records are
 * mapped to standard columns, judged, and merged by identity; nothing is dropped: what a rule finds is a flag on the row
 * and a figure in operations.quality.v1. `processors/cleaning` makes a processor of each set; `schemas/rule-sets.ts` lists them.
 */

/** `missing`: a wanted cell is empty · `outlier`: a value out of the ordinary · `unknown`: it refers to nothing known. */
export type Finding = `${'missing' | 'outlier' | 'unknown'}:${string}`

/** Standard columns of a record, and those that references added. */
export type RuleRow = Readonly<Record<string, unknown>>

/** Columns that every clean topic has beside the facts' own. */
export interface CleanColumns {
  readonly flags: readonly string[]
  readonly source: string
  readonly sources: readonly string[]
  readonly copies: number
  readonly told: 'FIRST' | 'AGAIN' | 'CHANGED' | 'ELSEWHERE'
  readonly findings: readonly string[]
  readonly wanted: number
  readonly arrivedAt: number
}

/** Something that should hold of a record. It is not asked of a record in which one of `reads` is null. */
export interface Check {
  readonly finding: Finding
  readonly reads: readonly string[]
  readonly broken: (row: RuleRow) => boolean
  /** What `broken` goes by and its text does not show: bounds, lists. A change of it makes another version of the processor. */
  readonly terms: unknown
}

/** A column that should be filled; with `when`, in records whose columns have these values. */
export interface Wanted {
  readonly column: string
  readonly when?: Readonly<Record<string, readonly unknown[]>>
}

/** Another topic that has to have a row: `unknown:<by>` where it has none at the record's time. Of an empty cell it is not asked. */
export interface Reference {
  readonly to: AnyTopic
  /** The standard column that equals the other topic's key. */
  readonly by: string
  /** The other topic is keyed otherwise and small: every task holds it whole. */
  readonly whole: boolean
  /** Columns that `derived` and checks may read → fields of the other topic; null where it has no row. */
  readonly take: Readonly<Record<string, string>>
}

/** A column made of others. */
export interface Made {
  readonly reads: readonly string[]
  readonly make: (row: RuleRow) => unknown
}

/** What is expected of a source; `kappa quality --check` fails below. Absent: nothing. */
export interface Expectation {
  readonly completeness?: number
  readonly uniqueness?: number
  readonly validity?: number
  /** The mean age, from event time to record time, is at most this. Seconds. */
  readonly meanAgeSeconds?: number
}

/** A system's topic, and how its records become rows. */
export interface SourceRules {
  /** The system's name, as in deploy/sources. */
  readonly name: string
  readonly topic: AnyTopic
  /** Standard column → field that it is, unchanged. */
  readonly pass: Readonly<Record<string, string>>
  /** Standard column → how it is made of the source's fields. */
  readonly made: Readonly<Record<string, Made>>
  readonly wanted: readonly Wanted[]
  readonly expect: Expectation
  /** Its records are versions of a row, told apart by event time: a later one is no duplicate. */
  readonly versions: boolean
  /** A record of the same event time that says otherwise is a correction, no duplicate: the later one stands, unless it is worse. */
  readonly corrects?: true
}

/** Rows that others usually refer to: one that none does is no fault of it (a customer without orders), and counted. */
export interface Counterpart {
  readonly column: string
  /** The clean topic that refers to it, and its column. */
  readonly in: AnyTopic
  readonly by: string
}

export interface RuleSet {
  /** The processor's name. */
  readonly name: string
  readonly doc: string
  readonly to: AnyTopic
  /** Standard columns that are equal in records about the same fact; they are passed unchanged, keys of the sources among them. */
  readonly identity: readonly string[]
  /** For how long, in event time, an identity is remembered after its last record; undefined: for ever. */
  readonly remember: string | undefined
  /** The most trusted first. */
  readonly sources: readonly SourceRules[]
  readonly references: readonly Reference[]
  /** Standard column → how it is made of standard columns and of what references took. */
  readonly derived: Readonly<Record<string, Made>>
  readonly checks: readonly Check[]
  readonly counterparts: readonly Counterpart[]
}

type FieldLike<V, T> = { [F in keyof V]: V[F] extends T ? F : never }[keyof V] & string
type Own<C> = Omit<C, keyof CleanColumns>

/** A rule set, checked against the clean topic's columns. */
export function ruleSet<C extends CleanColumns>(
  to: Topic<C>,
  rules: Pick<RuleSet, 'name' | 'doc' | 'sources'> & {
    readonly identity: readonly (keyof Own<C> & string)[]
    readonly remember?: string
    readonly references?: readonly (Reference & { readonly by: keyof Own<C> & string })[]
    readonly derived?: Readonly<Partial<Record<keyof Own<C> & string, Made>>>
    readonly checks?: readonly Check[]
    readonly counterparts?: readonly (Counterpart & { readonly column: keyof Own<C> & string })[]
  },
): RuleSet {
  const { remember, references = [], derived = {}, checks = [], counterparts = [] } = rules
  return { ...rules, to, remember, references, derived: derived as RuleSet['derived'], checks, counterparts }
}

/** A source of a rule set, its columns checked against both topics. */
export function sourceOf<C extends CleanColumns, V>(
  _to: Topic<C>,
  topic: Topic<V>,
  rules: {
    readonly name: string
    readonly pass: { readonly [N in keyof Own<C>]?: FieldLike<V, Own<C>[N]> }
    readonly made?: Readonly<Partial<Record<keyof Own<C> & string, Made>>>
    readonly wanted?: readonly (keyof Own<C> & string)[]
    readonly wantedWhen?: readonly Wanted[]
    readonly expect?: Expectation
    readonly versions?: boolean
    readonly corrects?: true
  },
): SourceRules {
  const { name, pass, made = {}, wanted = [], wantedWhen = [], expect = {}, versions = false, corrects } = rules
  return {
    name,
    topic,
    pass: pass as Readonly<Record<string, string>>,
    made: made as Readonly<Record<string, Made>>,
    wanted: [...wanted.map((column) => ({ column })), ...wantedWhen],
    expect,
    versions,
    ...(corrects === undefined ? {} : { corrects }),
  }
}

/** A column made of others: `make` depends on `reads` alone. */
export const made = <const F extends string, P extends Readonly<Record<F, unknown>>>(
  reads: readonly F[],
  make: (row: P) => unknown,
): Made => ({ reads, make: make as (row: RuleRow) => unknown })

/** A row of another topic, found by a standard column. */
export const refersTo = <T, const B extends string>(
  to: Topic<T>,
  reference: {
    readonly by: B
    readonly whole?: boolean
    readonly take?: Readonly<Record<string, keyof T & string>>
  },
): Reference & { readonly by: B } => ({ whole: false, take: {}, ...reference, to })

/** Values from `min` to `max` are ordinary. In the column's units: of a decimal, `scale` says how many digits it has behind the point. */
export function outside(
  column: string,
  { min, max, scale = 0 }: { readonly min?: number; readonly max?: number; readonly scale?: number },
): Check {
  const [least, most] = [
    (min ?? Number.NEGATIVE_INFINITY) * 10 ** scale,
    (max ?? Number.POSITIVE_INFINITY) * 10 ** scale,
  ]
  return {
    finding: `outlier:${column}`,
    reads: [column],
    terms: [String(least), String(most)],
    broken: (row) => {
      const value = row[column] as number | bigint
      return value < least || value > most
    },
  }
}

/** Only these values are known. */
export function unlisted(column: string, values: Iterable<string>): Check {
  const known = new Set(values)
  return {
    finding: `unknown:${column}`,
    reads: [column],
    terms: [...known],
    broken: (row) => !known.has(String(row[column])),
  }
}

/** A check in words of its own; `terms` are the constants that it goes by. */
export const finds = <const F extends string>(
  finding: Finding,
  reads: readonly F[],
  broken: (row: Readonly<Record<F, never>>) => boolean,
  terms: unknown = null,
): Check => ({ finding, reads, broken: broken as (row: RuleRow) => boolean, terms })
