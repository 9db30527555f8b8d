import type { RuleRow, RuleSet } from '../../schemas/rules.ts'
import { isEmpty, type Judged } from './record.ts'

/** What is known of one identity. */
export interface Known {
  /** The row as it stands; null before the first record. */
  facts: Record<string, unknown> | null
  flags: string[]
  /** Whose record the row stands on. */
  standing: string
  copies: number
  /** Of each system that told of it, the event time of its latest version. */
  readonly times: Record<string, number>
}

export const nothingKnown = (): Known => ({ facts: null, flags: [], standing: '', copies: 0, times: {} })

/** A row of the clean topic, but for its identity. */
export type CleanRow = Readonly<Record<string, unknown>>

/**
 * Merges records about one identity, in whatever order they come. The row stands on the record with the fewest findings; of
 * equals on the most trusted system's, and there on the latest version. Its empty cells are filled from the others. Changes `known`;
 * the row after it, which also says what the record itself was.
 */
export function merging({ sources }: RuleSet): (known: Known, record: Judged) => CleanRow {
  const trust = new Map(sources.map(({ name }, place) => [name, place]))
  const versioned = new Set(sources.filter(({ versions }) => versions).map(({ name }) => name))
  const placeOf = (source: string): number => trust.get(source) ?? sources.length

  const replaces = (known: Known, { source, findings, at }: Judged): boolean => {
    if (known.facts === null) return true
    const last = known.times[source]
    if (source === known.standing && versioned.has(source) && last !== undefined && at !== last) return at > last
    if (findings.length !== known.flags.length) return findings.length < known.flags.length
    return placeOf(source) < placeOf(known.standing)
  }

  return (known, record) => {
    const { source, facts, findings, wanted, at, arrivedAt } = record
    const told = tellingOf(known, record, versioned)
    const { facts: stood } = known
    if (stood === null || replaces(known, record)) {
      known.facts = filled(facts, stood)
      known.flags = remaining(findings, known.facts)
      known.standing = source
    } else {
      known.facts = filled(stood, facts)
      known.flags = remaining(known.flags, known.facts)
    }
    known.copies++
    known.times[source] = Math.max(known.times[source] ?? Number.NEGATIVE_INFINITY, at)
    const toldBy = Object.keys(known.times).sort((a, b) => placeOf(a) - placeOf(b))
    return {
      ...known.facts,
      flags: [...known.flags],
      source,
      sources: toldBy,
      copies: known.copies,
      told,
      findings,
      wanted,
      arrivedAt,
    }
  }
}

function tellingOf(known: Known, { source, at }: Judged, versioned: ReadonlySet<string>): string {
  const last = known.times[source]
  if (last === undefined) return known.facts === null ? 'FIRST' : 'ELSEWHERE'
  return versioned.has(source) && at !== last ? 'CHANGED' : 'AGAIN'
}

/** The first row, its empty cells from the second. */
function filled(row: RuleRow, other: RuleRow | null): Record<string, unknown> {
  const whole: Record<string, unknown> = { ...row }
  if (other === null) return whole
  for (const column of Object.keys(whole)) if (whole[column] === null) whole[column] = other[column] ?? null
  return whole
}

/** A cell that was filled is not missing any more. */
const remaining = (flags: readonly string[], facts: RuleRow): string[] =>
  flags.filter((flag) => !flag.startsWith('missing:') || isEmpty(facts[flag.slice('missing:'.length)]))
