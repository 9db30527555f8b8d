import { framesOf } from '#engine/compile'
import { KappaError } from '#engine/errors'
import type { RowAsked } from '#engine/replay'
import type { ContractField } from '#engine/schema'
import { tableOf } from '#engine/schema'
import type { Plan } from '#engine/topology'
import { timeOf } from '../replay/flags.ts'
import type { Figure } from './figure.ts'

/** Words for the start of a window, beside the name of its column. */
const STARTS = ['day', 'hour', 'minute', 'week', 'month', 'year', 'at', 'window']

/**
 * The row that `key=value` texts name: every column of the table's identity once, in any order; the start of a window also as
 * `day=2011-12-05` in the processor's time zone, or any time within it. Throws CONFIG_INVALID naming the column.
 */
export function rowOf(plan: Plan, words: readonly string[]): RowAsked {
  const { destination, operator } = plan
  const { id, time } = destination.contract.topic
  const { database, name } = tableOf(destination)
  const table = `${database}.${name}`
  const wanted = `a row of ${table} is named by ${id.map((field) => `${field}=…`).join(' ')}`
  const window = operator?.kind === 'window' ? operator.window : undefined
  const zone = window?.kind === 'calendar' ? window.timeZone : 'UTC'
  const framed = window?.kind === 'calendar' || window?.kind === 'tumbling'
  const values: Record<string, unknown> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    const [given, text] = at < 1 ? ['', ''] : [word.slice(0, at), word.slice(at + 1)]
    const column = id.includes(given) || !(framed && STARTS.includes(given)) ? given : time
    if (!id.includes(column))
      throw new KappaError(
        'CONFIG_INVALID',
        `looking for a row of ${table}: '${word}' names no column of it; ${wanted}`,
      )
    if (column in values)
      throw new KappaError('CONFIG_INVALID', `looking for a row of ${table}: ${column} is given twice`)
    const field = destination.contract.fields.find((one) => one.name === column)
    values[column] = typedValue(field, word, text, zone)
  }
  const missing = id.filter((field) => !(field in values))
  if (missing.length > 0)
    throw new KappaError('CONFIG_INVALID', `looking for a row of ${table}: ${missing.join(', ')} is missing; ${wanted}`)
  if (framed && typeof values[time] === 'number') values[time] = framesOf(window).starts(values[time])[0]
  return { values, time: typeof values[time] === 'number' ? values[time] : Number.POSITIVE_INFINITY }
}

function typedValue(field: ContractField | undefined, word: string, text: string, zone: string): unknown {
  switch (field?.type.kind) {
    case 'timestamp':
      return timeOf(word, text, zone)
    case 'int':
    case 'long':
    case 'float':
    case 'double': {
      const number = Number(text)
      if (text.trim() === '' || Number.isNaN(number))
        throw new KappaError('CONFIG_INVALID', `looking for a row: '${word}' is no number`)
      return number
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false')
        throw new KappaError('CONFIG_INVALID', `looking for a row: '${word}' is neither true nor false`)
      return text === 'true'
    case 'string':
    case 'enum':
    case 'uuid':
      return text
    default:
      throw new KappaError('CONFIG_INVALID', `looking for a row: no text says what ${field?.name} is`)
  }
}

/** The row with what its identity does not say: its time, and the keys of the processor. Throws CONFIG_INVALID where there is none. */
export function askedFor({ destination, keyBy = [] }: Plan, asked: RowAsked, figure: Figure | undefined): RowAsked {
  const keys = keyBy.flatMap((key) => (figure !== undefined && key in figure.row ? [[key, figure.row[key]]] : []))
  const values = { ...Object.fromEntries(keys), ...asked.values }
  if (Number.isFinite(asked.time)) return { values, time: asked.time }
  const time = Date.parse(String(figure?.row[destination.contract.topic.time]))
  if (Number.isNaN(time))
    throw new KappaError('CONFIG_INVALID', `explaining a row of ${destination.name}: there is none of this identity`)
  return { values, time }
}
