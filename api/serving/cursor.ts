import { createHash } from 'node:crypto'
import { z } from 'zod'
import { badRequest } from './refusal.ts'
import type { Column } from './relation.ts'

/**
 * A place in a listing: the key of the last row of a page, with a fingerprint of what was asked, so that a cursor of another
 * question is refused rather than answered with the wrong rows. Nothing in it is secret.
 */
const shape = z.strictObject({ of: z.string(), at: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1) })

export const fingerprintOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 12)

export const cursorOf = (fingerprint: string, at: readonly unknown[]): string =>
  Buffer.from(JSON.stringify({ of: fingerprint, at })).toString('base64url')

/** The key behind which the page begins: a value for each of its columns. Throws a 400 that names `cursor`. */
export function placeOf(
  cursor: string,
  fingerprint: string,
  key: readonly Column[],
): readonly (string | number | boolean)[] {
  const refuse = (reason: string) => badRequest([{ field: 'cursor', reason }])
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw refuse('is not one that was given out')
  }
  const { data } = shape.safeParse(json)
  if (data === undefined) throw refuse('is not one that was given out')
  if (data.of !== fingerprint) throw refuse('belongs to a question with other parameters')
  const fits = data.at.length === key.length && key.every(({ kind }, i) => PLACE[kind].test(String(data.at[i])))
  if (!fits) throw refuse('is not one that was given out')
  return data.at
}

/** What the store takes as a value of the kind. */
const PLACE: Readonly<Record<Column['kind'], RegExp>> = {
  text: /^/,
  json: /^(?!)/,
  boolean: /^(true|false)$/,
  integer: /^-?\d{1,18}$/,
  number: /^-?\d{1,18}(\.\d{1,18})?(e[+-]?\d{1,3})?$/,
  decimal: /^-?\d{1,36}(\.\d{1,36})?$/,
  date: /^\d{4}-\d\d-\d\d$/,
  instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
}
