import { z } from 'zod'

/** Events a batch, at most. */
export const MOST_EVENTS = 500
const EVENT_ID = /^[\w.:-]{8,100}$/

/** What a browser or app sends. */
const batchShape = z.strictObject({
  /** The sender's clock as it sent, milliseconds since 1970: what it is wrong by is taken out of every event's time. */
  sentAt: z.int().optional(),
  /** Whether the visitor allows that personal fields are kept. Absent: no. */
  consent: z.boolean().optional(),
  /** Fields that all events have which know them. */
  context: z.record(z.string(), z.unknown()).optional(),
  events: z.array(z.unknown()).min(1).max(MOST_EVENTS),
})

export type Batch = z.infer<typeof batchShape>

/** Why a batch as a whole cannot be read, or the batch. */
export function readBatch(text: string): Batch | { readonly field: string; readonly reason: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { field: '', reason: 'is no JSON' }
  }
  const parsed = batchShape.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const field = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.')
  return { field, reason: unknown === undefined ? (issue?.message ?? 'does not fit') : 'is not known' }
}

const eventShape = z.looseObject({ type: z.string(), eventId: z.string().regex(EVENT_ID) })
export type BatchEvent = z.infer<typeof eventShape>

/** An event whose name and kind can be read, or which of them does not fit. */
export function readEvent(
  found: unknown,
): { readonly event: BatchEvent } | { readonly field: string; readonly reason: string } {
  const parsed = eventShape.safeParse(found)
  if (parsed.success) return { event: parsed.data }
  const field = String(parsed.error.issues[0]?.path[0] ?? '')
  if (field === 'eventId') return { field, reason: 'is not of 8 to 100 letters, digits, dots, colons and dashes' }
  return { field, reason: field === '' ? 'is no object' : 'is missing' }
}
