import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { KappaError } from '#engine/errors'
import { type Duration, milliseconds } from '#engine/time'

/** What may be filled into a command: `{{day}}`. `date` is the day that a flow's run is about, and is filled in for flows alone. */
export const PLACES = ['day', 'previousDay', 'month', 'time'] as const
export const FLOW_PLACES = [...PLACES, 'date'] as const

export const text = z.string().min(1, 'is empty')
export const name = text.regex(/^[a-z][a-z0-9-]{0,59}$/, 'is not of lower-case letters, digits and dashes')
export const duration = text.refine(isDuration, "is not a duration, e.g. '2 hours'")
export const catchUp = z.enum(['each', 'last', 'none']).default('last')
export const parallel = z.int().min(1).max(64).default(2)
/** Milliseconds of what `duration` has accepted. */
export const millisecondsOf = (declared: string): number => milliseconds(declared as Duration)

/** Arguments of `kappa`: one line, or a list where an argument has a space in it. */
export const command = (known: readonly string[], refused: readonly string[]) =>
  z
    .union([text.transform((line) => line.trim().split(/\s+/)), z.array(text).min(1, 'is empty')])
    .refine(([first = '']) => !refused.includes(first), `may not be '${refused.join("' or '")}' itself`)
    .refine(
      (args) => places(args).every((place) => known.includes(place)),
      `has a place that is none of ${known.map((place) => `{{${place}}}`).join(', ')}`,
    )

const places = (args: readonly string[]): string[] =>
  args.flatMap((arg) => [...arg.matchAll(/\{\{(.*?)\}\}/g)].map(([, place = '']) => place))

/**
 * The content of a YAML file as `shape` has it. Throws CONFIG_INVALID naming the file, the item of the list `list` by its
 * name, its field, and what is wrong with it.
 */
export function readDeclared<T>(path: string, what: string, shape: z.ZodType<T>, list: string): T {
  const doing = `reading the ${what} ${path}`
  let content: unknown
  try {
    content = parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', doing, { cause })
  }
  const parsed = shape.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new KappaError('CONFIG_INVALID', `${doing}: ${placeIn(content, issue?.path ?? [], list)} ${issue?.message}`)
}

/** `entry verify: cron`: items of the list by their names where they have one, nested lists by theirs. */
function placeIn(content: unknown, path: readonly PropertyKey[], list: string): string {
  if (path[0] !== list || typeof path[1] !== 'number') return path.map(String).join('.') || 'the file'
  let at: unknown = content
  const words: string[] = []
  for (const part of path) {
    at = (at as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[part]
    if (typeof part !== 'number') words.push(String(part))
    else {
      const own = (at as { readonly name?: unknown } | null | undefined)?.name
      const item = singular(words.pop() ?? '')
      words.push(`${item} ${typeof own === 'string' ? own : part + 1}:`)
    }
  }
  return words.join(' ')
}

const singular = (plural: string): string => plural.replace(/ies$/, 'y').replace(/s$/, '')

function isDuration(value: string): boolean {
  try {
    milliseconds(value as Duration)
    return true
  } catch {
    return false
  }
}
