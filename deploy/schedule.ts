import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import { cron, type Moments } from '#engine/time'
import * as declared from './declared.ts'

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

const entry = z.strictObject({
  name: declared.name,
  doc: z.string().default(''),
  cron: declared.text,
  timeZone: declared.text.optional(),
  run: declared.command(declared.PLACES, ['schedule', 'flow']),
  catchUp: declared.catchUp,
  timeout: declared.duration.default('1 hour'),
  enabled: z.boolean().default(true),
})

const file = z.strictObject({
  timeZone: declared.text.default('UTC'),
  parallel: declared.parallel,
  entries: z
    .array(entry)
    .refine(
      (all) => new Set(all.map(({ name }) => name)).size === all.length,
      'name an entry twice: names tell runs apart',
    ),
})

/** Reads what runs when. Throws CONFIG_INVALID naming the file, the entry and what is wrong with it. */
export function readSchedule(path: string): Schedule {
  const { timeZone, parallel, entries } = declared.readDeclared(path, 'schedule', file, 'entries')
  return {
    parallel,
    entries: entries.map(({ timeout, timeZone: own = timeZone, ...rest }) => {
      try {
        const moments = cron(rest.cron, own)
        return { ...rest, timeZone: own, moments, timeoutMs: declared.millisecondsOf(timeout) }
      } catch (thrown) {
        throw new KappaError('CONFIG_INVALID', `reading the schedule ${path}: entry ${rest.name}: ${reasonOf(thrown)}`)
      }
    }),
  }
}
