import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import { cron, type Duration, type Moments, milliseconds } from '#engine/time'

/** An entry as its file declares it, with what it left out. */
export interface DeclaredEntry {
  readonly name: string
  readonly doc: string
  readonly cron: string
  readonly timeZone: string
  readonly moments: Moments
  /** Arguments of `kappa`, with places to be filled in. */
  readonly run: readonly string[]
  readonly catchUp: 'each' | 'last' | 'none'
  readonly timeoutMs: number
  readonly enabled: boolean
}

export interface Schedule {
  /** Runs at once, of different entries. */
  readonly parallel: number
  readonly entries: readonly DeclaredEntry[]
}

/** What may be filled into a command. */
export const PLACES = ['day', 'previousDay', 'month', 'time'] as const

const text = z.string().min(1, 'is empty')
const command = z.union([text.transform((line) => line.trim().split(/\s+/)), z.array(text).min(1, 'is empty')])
const duration = text.refine(isDuration, "is not a duration, e.g. '2 hours'")
const places = (args: readonly string[]): string[] =>
  args.flatMap((arg) => [...arg.matchAll(/\{\{(.*?)\}\}/g)].map(([, place = '']) => place))

const entry = z.strictObject({
  name: text.regex(/^[a-z][a-z0-9-]{0,59}$/, 'is not of lower-case letters, digits and dashes'),
  doc: z.string().default(''),
  cron: text,
  timeZone: text.optional(),
  run: command
    .refine(([first]) => first !== 'schedule', 'may not be the schedule itself')
    .refine(
      (args) => places(args).every((place) => (PLACES as readonly string[]).includes(place)),
      `has a place that is none of ${PLACES.map((place) => `{{${place}}}`).join(', ')}`,
    ),
  catchUp: z.enum(['each', 'last', 'none']).default('last'),
  timeout: duration.default('1 hour'),
  enabled: z.boolean().default(true),
})

const file = z.strictObject({
  timeZone: text.default('UTC'),
  parallel: z.int().min(1).max(64).default(2),
  entries: z
    .array(entry)
    .refine(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      'name an entry twice: names tell runs apart',
    ),
})

/** Reads what runs when. Throws CONFIG_INVALID naming the file, the entry and what is wrong with it. */
export function readSchedule(path: string): Schedule {
  const doing = `reading the schedule ${path}`
  let content: unknown
  try {
    content = parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', doing, { cause })
  }
  const parsed = file.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const at = issue?.path ?? []
    throw new KappaError('CONFIG_INVALID', `${doing}: ${placeIn(content, at)} ${issue?.message}`)
  }
  const { timeZone, parallel, entries } = parsed.data
  return {
    parallel,
    entries: entries.map(({ timeout, timeZone: own = timeZone, ...rest }) => {
      try {
        return { ...rest, timeZone: own, moments: cron(rest.cron, own), timeoutMs: milliseconds(timeout as Duration) }
      } catch (thrown) {
        throw new KappaError('CONFIG_INVALID', `${doing}: entry ${rest.name}: ${reasonOf(thrown)}`)
      }
    }),
  }
}

/** The entry by its name where it has one, then the field. */
function placeIn(content: unknown, path: readonly PropertyKey[]): string {
  const [first, index, ...fields] = path
  const entries = (content as { entries?: readonly { name?: unknown }[] } | null)?.entries
  if (first !== 'entries' || typeof index !== 'number') return path.map(String).join('.') || 'the file'
  const name = entries?.[index]?.name
  return `entry ${typeof name === 'string' ? name : `${index + 1}`}: ${fields.map(String).join('.')}`.trimEnd()
}

function isDuration(value: string): boolean {
  try {
    milliseconds(value as Duration)
    return true
  } catch {
    return false
  }
}
