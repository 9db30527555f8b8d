import { rulesOf } from '#engine/schema'
import type { Reading } from '../http/index.ts'
import type { Extracted, PageKind } from './contract.ts'

/** What a page says, and what is wrong with it. */
export interface Judged {
  readonly items: readonly (readonly Reading[])[]
  /** What cannot be read, each with its texts by field: empty where all is well. */
  readonly broken: readonly { readonly found: Readonly<Record<string, unknown>>; readonly reason: string }[]
  /** The page is of another layout: nothing of it is a record. */
  readonly failure?: string
  /** The layout has probably changed. */
  readonly alarm?: string
}

/**
 * Makes values of a page's texts. A record whose required field is not there, cannot be read or breaks a rule is broken; a page
 * without any record, that does not say so itself (`empty`), is broken as a whole.
 * @param seenAt when the page was received, milliseconds
 * @param page where the page itself is kept, for dead letters
 */
export function judge(kind: PageKind, { items: found, empty }: Extracted, seenAt: number, page?: string): Judged {
  const { topic } = kind
  const kept = page === undefined ? {} : { page }
  if (found.length === 0 && !empty) {
    const reason = `the layout changed: ${kind.each} matches nothing`
    return {
      items: [[{ topic, found: { kind: kind.name, ...kept }, reason }]],
      broken: [{ found: { kind: kind.name }, reason }],
      ...{ failure: reason, alarm: reason },
    }
  }
  const rules = rulesOf(topic)
  const broken: { found: Readonly<Record<string, unknown>>; reason: string }[] = []
  const items = found.map((texts): Reading[] => {
    const made = madeOf(kind, texts, seenAt)
    const reason = 'reason' in made ? made.reason : rules(made.value)
    if ('reason' in made || reason !== undefined) {
      const own = Object.fromEntries(kind.fields.map(({ field }, i) => [field, texts[i] ?? null]))
      broken.push({ found: own, reason: reason ?? '' })
      return [{ topic, found: { ...own, ...kept }, reason: reason ?? '' }]
    }
    const { value } = made
    const { key, order, seen } = kind
    return [
      {
        ...{ about: key.map((field) => String(value[field])).join('|'), topic, value },
        ...(order === undefined ? {} : { order: Number(value[order]) }),
        ...(seen.length === 0 ? {} : { newsIn: { ...value, ...Object.fromEntries(seen.map((field) => [field, 0])) } }),
      },
    ]
  })
  if (broken.length <= kind.brokenShare * found.length) return { items, broken }
  const alarm = `the layout changed: ${broken.length} of ${found.length} records are broken (${broken[0]?.reason})`
  return { items, broken, alarm }
}

function madeOf(
  { fields, constants, seen }: PageKind,
  texts: readonly (string | null)[],
  seenAt: number,
): { readonly value: Readonly<Record<string, unknown>> } | { readonly reason: string } {
  const value: Record<string, unknown> = { ...constants }
  for (const field of seen) value[field] = seenAt
  for (const [i, { field, select, attribute, pattern, nullable, type, read }] of fields.entries()) {
    const whole = texts[i] ?? null
    const match = whole === null || pattern === undefined ? undefined : pattern.exec(whole)
    const text = match === undefined ? whole : match === null ? null : (match[1] ?? match[0])
    if (text === null && !nullable) {
      const where = [select ?? 'the element', ...(attribute === undefined ? [] : [`@${attribute}`])].join(' ')
      if (whole !== null) return { reason: `${field}: '${shortened(whole)}' does not match its pattern` }
      return { reason: `${field}: ${where} is not there` }
    }
    const part = read(text)
    if (part === undefined) return { reason: `${field}: '${shortened(text ?? '')}' is no ${type}` }
    value[field] = part
  }
  return { value }
}

const shortened = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text)
