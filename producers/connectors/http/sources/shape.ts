import { z } from 'zod'
import { KappaError } from '#engine/errors'

/** The value, or why it is none: the field that does not fit, and how. */
export function fitting<T>(shape: z.ZodType<T>, found: unknown): { readonly value: T } | { readonly reason: string } {
  const parsed = shape.safeParse(found)
  if (parsed.success) return { value: parsed.data }
  const [issue] = parsed.error.issues
  return { reason: `${issue?.path.join('.') || 'the item'}: ${issue?.message ?? 'does not fit'}` }
}

/** The answer as a whole. Throws DECODE_FAILED naming what is missing. */
export function answerOf<T>(shape: z.ZodType<T>, found: unknown, of: string): T {
  const fit = fitting(shape, found)
  if ('value' in fit) return fit.value
  throw new KappaError('DECODE_FAILED', `reading an answer of ${of}: ${fit.reason}`)
}

/** An instant with its offset from UTC, ISO 8601; milliseconds since 1970. */
export const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))

/** Text that says something. */
export const said = z.string().trim().min(1)
