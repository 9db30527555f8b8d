import { type Command, InvalidArgumentError, Option } from 'commander'
import { KappaError } from '#engine/errors'
import { FOREVER, type ReplayKey, type ReplayRequest, type SourceChoice } from '#engine/replay'
import { milliseconds, systemClock } from '#engine/time'
import { dayOf, startOfDay } from '../../../producers/calendar.ts'
import type { Processor } from '../../processors.ts'

export interface RangeFlags {
  readonly from: string
  readonly to: string
  readonly source: SourceChoice
  readonly key?: ReplayKey
  readonly live?: boolean
  readonly json?: boolean
}

/** Options of every command that names a range. */
export const withRange = (command: Command): Command =>
  command
    .requiredOption('--from <time>', 'event time, included')
    .requiredOption('--to <time>', "event time, not included; or 'now'")
    .addOption(
      new Option('--source <where>', 'where records come from').choices(['auto', 'kafka', 's3']).default('auto'),
    )
    .option('--key <field=value>', 'give back results of one key alone, e.g. department=GROCERY', keyOf)
    .option('--live', 'to take over the processor, state and all, when promoted; needs --to now')
    .option('--json', 'for programs')

/** `v2` or `2`. */
export function generationOf(text: string): number {
  const match = /^v?([1-9]\d*)$/.exec(text)
  if (match === null) throw new InvalidArgumentError("It is not a generation, e.g. 'v2'.")
  return Number(match[1])
}

export function perSecond(text: string): number {
  const match = /^([1-9]\d*)(\/s)?$/.exec(text)
  if (match === null) throw new InvalidArgumentError("It is not a rate, e.g. '5000/s'.")
  return Number(match[1])
}

/** `department=GROCERY`. */
export function keyOf(text: string): ReplayKey {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError("It is not a field with its value, e.g. 'department=GROCERY'.")
  return { field: text.slice(0, at), value: text.slice(at + 1) }
}

/** What a value's text is the same of, here and in the store. */
const KEYED_BY: ReadonlySet<string> = new Set(['string', 'enum', 'uuid', 'int', 'long', 'boolean'])

/** Throws CONFIG_INVALID where results have no such key: a field of their identity. */
function checkKey({ plan }: Processor, { field, value }: ReplayKey, live: boolean): void {
  const { fields, topic } = plan.destination.contract
  const known = fields.filter(({ name, type }) => topic.id.includes(name) && KEYED_BY.has(type.kind))
  const doing = `reading --key ${field}=${value}`
  if (live)
    throw new KappaError('CONFIG_INVALID', `${doing}: --live takes a processor over whole; leave one of the two out`)
  if (known.some(({ name }) => name === field)) return
  const names = known.map(({ name }) => name).join(', ')
  throw new KappaError(
    'CONFIG_INVALID',
    `${doing}: results of ${plan.name} ${names === '' ? 'have no key that can be named so' : `have the keys ${names}`}`,
  )
}

/** Throws CONFIG_INVALID naming the flag. */
export function requestOf(processor: Processor, { from, to, source, key, live = false }: RangeFlags): ReplayRequest {
  const { plan } = processor
  if (key !== undefined) checkKey(processor, key, live)
  if (live && to !== 'now')
    throw new KappaError('CONFIG_INVALID', `reading --to ${to}: with --live it is 'now', what comes after it is live`)
  const zone =
    plan.operator?.kind === 'window' && plan.operator.window.kind === 'calendar' ? plan.operator.window.timeZone : 'UTC'
  const range = { from: timeOf('--from', from, zone), to: to === 'now' ? systemClock.now() : timeOf('--to', to, zone) }
  if (range.from >= range.to)
    throw new KappaError(
      'CONFIG_INVALID',
      `reading --from ${from} --to ${to}: the range is empty; --from has to lie before --to`,
    )
  const about = { processor: plan.name, topic: plan.destination.name, version: plan.version }
  const request = { ...about, ...range, source, ...(key === undefined ? {} : { key }) }
  return live ? { ...request, to: FOREVER, live } : request
}

/** A day is its midnight in the processor's time zone, a time is as it says. */
export function timeOf(flag: string, text: string, zone: string): number {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return startOfDay(dayOf(text, flag), zone)
  const time = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.exec(text)
  const instant = time === null ? Number.NaN : Date.parse(text)
  if (time === null || Number.isNaN(instant))
    throw new KappaError(
      'CONFIG_INVALID',
      `reading ${flag}: '${text}' is neither a day (2017-06-01) nor a time with its offset (2017-06-01T12:00:00Z)`,
    )
  dayOf(time[1] ?? '', flag)
  return instant
}

/** Seconds; undefined for 'off'. */
export function lagBound(text: string): number | undefined {
  if (text === 'off') return undefined
  try {
    return milliseconds(text) / 1_000
  } catch {
    throw new InvalidArgumentError("It is neither a duration, e.g. '5 seconds', nor 'off'.")
  }
}
