import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { timeOf } from '../replay/flags.ts'
import type { Range } from './purchases.ts'

export interface RangeFlags {
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

export const withRange = (command: Command): Command =>
  command
    .option('--from <time>', 'purchases from this time on (default: the first)')
    .option('--to <time>', 'and before this one (default: all that are there)')
    .option('--json', 'print the summary as JSON')

/** Whose midnights days are. */
const STORES = 'America/New_York'

/** Throws CONFIG_INVALID naming the flag. */
export function rangeOf({ from, to }: RangeFlags): Range {
  const range = {
    from: from === undefined ? null : timeOf('--from', from, STORES),
    to: to === undefined ? null : timeOf('--to', to, STORES),
  }
  if (range.from !== null && range.to !== null && range.from >= range.to)
    throw new KappaError('CONFIG_INVALID', `reading --from ${from} --to ${to}: --from has to lie before --to`)
  return range
}

export function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

export function positive(text: string): number {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('It is not a number above 0, e.g. 0.5.')
  return Number(text)
}
