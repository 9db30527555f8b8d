import { z } from 'zod'
import { KappaError } from '#engine/errors'
import { DAY_MS, dayOf } from '../calendar.ts'
import { MOST_EVENTS_PER_DAY } from './days.ts'
import { incidentOf } from './incidents.ts'

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, 'is no whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`)

const ratio = z
  .string()
  .regex(/^\d*\.?\d+$/, 'is no number')
  .transform(Number)
  .refine((value) => value <= 1, 'is not between 0 and 1')

const date = z.string()

const flags = z.strictObject({
  mode: z.enum(['batch', 'stream'], 'is neither batch nor stream'),
  startDate: date.optional(),
  endDate: date.optional(),
  eventsPerDay: whole(1, MOST_EVENTS_PER_DAY).optional(),
  eventsPerMinute: whole(1, 1_000_000).optional(),
  duration: whole(1, 31_536_000).optional(),
  seed: whole(0, 4_294_967_295).optional(),
  late: ratio.optional(),
  broken: ratio.optional(),
  duplicates: ratio.optional(),
  incident: z.array(z.string()).optional(),
  to: z.enum(['kafka', 'stdout'], 'is neither kafka nor stdout'),
})

/** Command-line text by flag, as commander gives it. */
export type ShopFlags = Readonly<Record<string, unknown>>

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** What only one mode has. */
const ONLY = {
  batch: ['startDate', 'endDate', 'eventsPerDay'],
  stream: ['eventsPerMinute', 'duration'],
} as const

/** The options of `kappa produce shop`. Throws CONFIG_INVALID naming the flag that is wrong, missing or of the other mode. */
export function shopOptionsOf(given: ShopFlags) {
  const refuse = (what: string): never => {
    throw new KappaError('CONFIG_INVALID', `reading the options of produce shop: ${what}`)
  }
  const parsed = flags.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const name = String(issue?.path[0] ?? '')
    return refuse(`${flagOf(name)} '${String(given[name])}' ${issue?.message}`)
  }
  const { mode, incident = [], late = 0, broken = 0, duplicates = 0, ...rest } = parsed.data
  const other = mode === 'batch' ? 'stream' : 'batch'
  for (const name of ONLY[other]) if (rest[name] !== undefined) refuse(`${flagOf(name)} is for --mode ${other}`)
  const shared = {
    to: rest.to,
    seed: rest.seed ?? 1,
    ratios: { late, broken, duplicates },
    incidents: incident.map(incidentOf),
  }
  if (mode === 'stream') {
    const { eventsPerMinute = 600, duration } = rest
    return {
      mode,
      ...shared,
      eventsPerMinute,
      ...(duration === undefined ? {} : { durationSeconds: duration }),
    } as const
  }
  const { startDate, endDate, eventsPerDay = 5_000 } = rest
  if (startDate === undefined || endDate === undefined)
    return refuse(`${startDate === undefined ? '--start-date' : '--end-date'} is missing`)
  const [first, last] = [dayOf(startDate, '--start-date'), dayOf(endDate, '--end-date')]
  if (last < first) refuse(`--end-date ${endDate} is before --start-date ${startDate}`)
  return { mode, ...shared, start: first * DAY_MS, days: last - first + 1, eventsPerDay } as const
}

export type ShopOptions = ReturnType<typeof shopOptionsOf>
