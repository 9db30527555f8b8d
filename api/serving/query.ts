import type { z } from 'zod'
import { badRequest, type Fault } from './refusal.ts'

/** Reads a query or the parts of a path. Throws a 400 that names every field that is wrong. */
export function read<S extends z.ZodType>(schema: S, given: unknown): z.infer<S> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw badRequest(parsed.error.issues.flatMap(faultsOf))
}

function faultsOf(issue: z.core.$ZodIssue): readonly Fault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((field) => ({ field, reason: 'is no parameter of this path' }))
  return [{ field: String(issue.path[0] ?? 'query'), reason: issue.message }]
}
