import { createHash } from 'node:crypto'
import { z } from 'zod'
import { KappaError } from '#engine/errors'
import { DAY_MS, dateText, dayOf } from '../calendar.ts'
import { incidentOf } from '../shop/incidents.ts'
import { flawKindsOf } from './files/index.ts'
import { type Frequency, MOST_CUSTOMERS, MOST_EVENTS_PER_DAY, type WorldSettings } from './settings.ts'

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'is no whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`)

const flags = z.strictObject({
  mode: z.enum(['batch', 'stream'], 'is neither batch nor stream'),
  startDate: z.string().optional(),
  endDate: z.string().optional(),
  worldStart: z.string().optional(),
  eventsPerDay: whole(100, MOST_EVENTS_PER_DAY).optional(),
  eventsPerMinute: whole(1, 10_000).optional(),
  duration: whole(1, 31_536_000).optional(),
  frequency: z.enum(['minutely', 'hourly', 'daily'], 'is neither minutely, hourly nor daily').optional(),
  initialCustomers: whole(100, MOST_CUSTOMERS).optional(),
  seed: whole(0, 4_294_967_295).optional(),
  incident: z.array(z.string()).optional(),
  tables: z.boolean(),
  to: z.enum(['kafka', 'files', 'stdout'], 'is neither kafka, files nor stdout'),
  out: z.string().min(1, 'is empty').optional(),
  flaws: z.string().optional(),
  flawRatio: z
    .string()
    .regex(/^\d*\.?\d+$/, 'is no number')
    .transform(Number)
    .refine((value) => value <= 1, 'is not between 0 and 1')
    .optional(),
})

/** Command-line text by flag, as commander gives it. */
export type WorldFlags = Readonly<Record<string, unknown>>

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** What only one mode has. */
const ONLY = {
  batch: ['startDate', 'endDate'],
  stream: ['eventsPerMinute', 'duration'],
} as const

export const DEFAULT_WORLD_START = '2025-01-01'
export const DEFAULT_EVENTS_PER_DAY = 27_400
export const DEFAULT_CUSTOMERS = 5_000
const MINUTES_A_DAY = 1_440

/** Changes when the same settings begin to make other events: an import of the older ones is then not taken for this one. */
const WORLD_VERSION = 3

/** The options of `kappa produce DOMAIN`. Throws CONFIG_INVALID naming the flag that is wrong, missing or of the other mode. */
export function worldOptionsOf(given: WorldFlags) {
  const refuse = (what: string): never => {
    throw new KappaError('CONFIG_INVALID', `reading the options of produce: ${what}`)
  }
  const parsed = flags.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0] ?? '')
    return refuse(`${flagOf(name)} '${String(given[name])}' ${issue?.message}`)
  }
  const { mode, to, tables, startDate, endDate, eventsPerDay, eventsPerMinute, duration, ...rest } = parsed.data
  const other = mode === 'batch' ? 'stream' : 'batch'
  for (const name of ONLY[other]) if (parsed.data[name] !== undefined) refuse(`${flagOf(name)} is for --mode ${other}`)
  if (eventsPerDay !== undefined && eventsPerMinute !== undefined)
    refuse('--events-per-day and --events-per-minute say the same; give one')
  const daily =
    eventsPerMinute === undefined ? (eventsPerDay ?? DEFAULT_EVENTS_PER_DAY) : eventsPerMinute * MINUTES_A_DAY
  const settings: WorldSettings = {
    seed: rest.seed ?? 1,
    start: dayOf(rest.worldStart ?? DEFAULT_WORLD_START, '--world-start') * DAY_MS,
    eventsPerDay: daily,
    initialCustomers: rest.initialCustomers ?? DEFAULT_CUSTOMERS,
    frequency: (rest.frequency ?? 'daily') satisfies Frequency,
    incidents: (rest.incident ?? []).map(incidentOf),
  }
  const files = filesOf(parsed.data, refuse)
  if (mode === 'stream')
    return {
      mode,
      to,
      files,
      tables,
      settings,
      ...(duration === undefined ? {} : { durationSeconds: duration }),
    } as const
  if (startDate === undefined || endDate === undefined)
    return refuse(`${startDate === undefined ? '--start-date' : '--end-date'} is missing`)
  const [first, last] = [dayOf(startDate, '--start-date'), dayOf(endDate, '--end-date')]
  if (last < first) refuse(`--end-date ${endDate} is before --start-date ${startDate}`)
  if (first * DAY_MS < settings.start)
    refuse(`--start-date ${startDate} is before the world begins; say --world-start ${startDate}`)
  return { mode, to, files, tables, settings, start: first * DAY_MS, days: last - first + 1 } as const
}

const DEFAULT_FLAW_RATIO = 0.01

/** Where files go, and what is wrong with them; undefined where none are written. */
function filesOf({ to, out, flaws, flawRatio }: z.infer<typeof flags>, refuse: (what: string) => never) {
  if (to !== 'files') {
    for (const [flag, value] of Object.entries({ '--out': out, '--flaws': flaws, '--flaw-ratio': flawRatio }))
      if (value !== undefined) refuse(`${flag} is for --to files`)
    return undefined
  }
  if (out === undefined) return refuse('--out is missing: the folder for the files')
  if (flaws === undefined && flawRatio !== undefined) refuse('--flaw-ratio is for --flaws')
  if (flaws === undefined) return { folder: out }
  return { folder: out, flaws: { kinds: flawKindsOf(flaws), ratio: flawRatio ?? DEFAULT_FLAW_RATIO } }
}

export type WorldOptions = ReturnType<typeof worldOptionsOf>
export type BatchOptions = Extract<WorldOptions, { readonly mode: 'batch' }>
export type StreamOptions = Extract<WorldOptions, { readonly mode: 'stream' }>

/** Names a batch: which domain of which world, and which days. Two batches have one name only where they have the same events. */
export function batchName(what: string, { settings, start, days, tables }: BatchOptions): string {
  const first = start / DAY_MS
  return `world ${what} ${dateText(first)}..${dateText(first + days - 1)} ${fingerprint(settings)}${tables ? '' : ' without tables'}`
}

/** sha256 (hex) of what a world is made of. */
export const worldHash = (settings: WorldSettings): string =>
  createHash('sha256')
    .update(JSON.stringify([WORLD_VERSION, settings]))
    .digest('hex')

const fingerprint = (settings: WorldSettings): string => `seed ${settings.seed} ${worldHash(settings).slice(0, 8)}`
