import type { RuleSet } from '../../schemas/rules.ts'
import { factColumns, isEmpty, type Judged } from './record.ts'

/** What is known of one identity: as little as can be, for there may be millions. Sources go by their places in the rule set. */
export interface Known {
  /** The row as it stands, as `factColumns` has it; null before the first record. */
  facts: readonly unknown[] | null
  flags: readonly string[]
  /** Whose record the row stands on. */
  standing: number
  copies: number
  /** The event time of each system's latest version; null where it told nothing. */
  readonly times: (number | null)[]
}

export const nothingKnown = (): Known => ({ facts: null, flags: [], standing: 0, copies: 0, times: [] })

/** A row of the clean topic, but for its identity. */
export type CleanRow = Record<string, unknown>

/**
 * Merges records about one identity, in whatever order they come. The row stands on the record with the fewest findings; of
 * equals on the most trusted system's, and there on the latest version. Its empty cells are filled from the others. Changes `known`;
 * the row after it, which also says what the record itself was.
 */
export function merging(rules: RuleSet): (known: Known, record: Judged) => CleanRow {
  const { sources } = rules
  const columns = factColumns(rules)
  const told = toldBy(sources.map(({ name }) => name))

  const versioned = (source: number): boolean => sources[source]?.versions === true

  const corrects = (source: number): boolean => sources[source]?.corrects === true

  const replaces = (known: Known, { source, findings, at }: Judged): boolean => {
    const last = known.times[source] ?? null
    if (source === known.standing && corrects(source) && at === last) return findings.length <= known.flags.length
    if (source === known.standing && versioned(source) && last !== null && at !== last) return at > last
    if (findings.length !== known.flags.length) return findings.length < known.flags.length
    return source < known.standing
  }

  const tellingOf = (known: Known, { source, at, facts }: Judged): string => {
    const last = known.times[source] ?? null
    if (last === null) return known.facts === null ? 'FIRST' : 'ELSEWHERE'
    if (source === known.standing && corrects(source) && facts.some((fact, n) => fact !== known.facts?.[n]))
      return 'CHANGED'
    return versioned(source) && at !== last ? 'CHANGED' : 'AGAIN'
  }

  /** A cell that was filled is not missing any more. */
  const remaining = (flags: readonly string[], facts: readonly unknown[]): readonly string[] =>
    flags.length === 0
      ? flags
      : flags.filter((flag) => !flag.startsWith(MISSING) || isEmpty(facts[columns.indexOf(flag.slice(MISSING.length))]))

  return (known, record) => {
    const { source, facts, findings, wanted, at, arrivedAt } = record
    const telling = tellingOf(known, record)
    const stood = known.facts
    if (stood === null || replaces(known, record)) {
      known.facts = filled(facts, stood)
      known.flags = remaining(findings, known.facts)
      known.standing = source
    } else {
      known.facts = filled(stood, facts)
      known.flags = remaining(known.flags, known.facts)
    }
    known.copies++
    while (known.times.length < sources.length) known.times.push(null)
    known.times[source] = Math.max(known.times[source] ?? at, at)
    const row: CleanRow = {}
    for (let n = 0; n < columns.length; n++) row[columns[n] as string] = known.facts[n]
    row.flags = known.flags
    row.source = sources[source]?.name
    row.sources = told(known.times)
    row.copies = known.copies
    row.told = telling
    row.findings = findings
    row.wanted = wanted
    row.arrivedAt = arrivedAt
    return row
  }
}

const MISSING = 'missing:'

/** Names of the systems that told something; the same list for the same ones. */
function toldBy(names: readonly string[]): (times: Known['times']) => readonly string[] {
  const lists = new Map<number, readonly string[]>()
  return (times) => {
    let mask = 0
    for (let n = 0; n < times.length; n++) if (times[n] !== null) mask |= 1 << n
    const known = lists.get(mask)
    if (known !== undefined) return known
    const list = names.filter((_name, n) => (times[n] ?? null) !== null)
    lists.set(mask, list)
    return list
  }
}

/** The first row, its empty cells from the second. */
function filled(row: readonly unknown[], other: readonly unknown[] | null): readonly unknown[] {
  if (other === null || !row.includes(null)) return row
  return row.map((cell, n) => cell ?? other[n] ?? null)
}
