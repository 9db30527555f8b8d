import { KappaError } from '#engine/errors'
import { ERASED } from '#engine/governance'
import type { AnyTopic } from '#engine/schema'

/** A personal field that is readable as it stands, and whose subject says who it is about. */
export interface Personal {
  readonly name: string
  readonly subject: string
  /** What it reads once its subject is erased. */
  readonly erased: string | null
}

/** Sealed fields are not among them: destroying the key erased them. SCHEMA_INVALID where nothing can stand for a value. */
export function personalOf({ name: topic, contract }: AnyTopic): readonly Personal[] {
  return contract.fields.flatMap(({ name, pii, type, nullable }) => {
    if (pii === undefined || pii.sealed) return []
    if (type.kind !== 'string' && !nullable)
      throw new KappaError(
        'SCHEMA_INVALID',
        `erasing ${topic}: the field ${name} is personal, and neither text nor nullable`,
      )
    return [{ name, subject: pii.subject, erased: type.kind === 'string' ? ERASED : null }]
  })
}

type Row = Readonly<Record<string, unknown>>

/** The row without the values of erased subjects; undefined where it has none of theirs. */
export function erasedRow(row: Row, fields: readonly Personal[], subjects: ReadonlySet<string>): Row | undefined {
  const own = fields.filter(({ name, subject, erased }) => {
    const value = row[name]
    return value !== null && value !== undefined && value !== erased && subjects.has(String(row[subject]))
  })
  return own.length === 0 ? undefined : { ...row, ...Object.fromEntries(own.map(({ name, erased }) => [name, erased])) }
}
