import { KappaError } from '#engine/errors'
import { type AnyTopic, type ContractField, decimalOfText } from '#engine/schema'
import { dayOf } from '../../../producers/calendar.ts'
import { timeOf } from '../replay/flags.ts'
import { questionsOf } from './questions.ts'

/** A column and the value that it has to have, as the topic's records have it. */
export interface Condition {
  readonly field: ContractField
  readonly value: unknown
}

/** A question, checked against the contract. */
export interface Asked {
  readonly topic: AnyTopic
  readonly conditions: readonly Condition[]
  /** Values of the identity in its order, where the whole of it is named: at most one row answers. */
  readonly identity: readonly unknown[] | undefined
  /** Event time, milliseconds, included. */
  readonly from: number | undefined
  /** Event time, milliseconds, not included. */
  readonly to: number | undefined
}

export interface Stretch {
  readonly from?: string
  readonly to?: string
}

/** What `key=value` texts and a stretch of time ask of a topic's table. Throws CONFIG_INVALID naming the column or flag. */
export function askedOf(topic: AnyTopic, words: readonly string[], stretch: Stretch): Asked {
  const { table, one, many } = questionsOf(topic)
  const possible = [...new Set([...one, ...many])]
  const conditions = new Map<string, Condition>()
  for (const word of words) {
    const at = word.indexOf('=')
    const name = at < 0 ? word : word.slice(0, at)
    const field = topic.contract.fields.find((each) => each.name === name)
    if (field === undefined || !possible.includes(name))
      throw refused(table, `'${word}' names no column to look up by; those are ${possible.join(', ')}`)
    if (at < 0) throw refused(table, `${name} has no value; write ${name}=…`)
    if (conditions.has(name)) throw refused(table, `${name} is given twice`)
    conditions.set(name, { field, value: valueIn(table, field, word.slice(at + 1)) })
  }
  const [from, to] = [stretch.from, stretch.to].map((text, i) =>
    text === undefined ? undefined : timeOf(i === 0 ? '--from' : '--to', text, 'UTC'),
  )
  if (from !== undefined && to !== undefined && from >= to)
    throw refused(table, `--from ${stretch.from} does not lie before --to ${stretch.to}`)
  const isWhole = one.length > 0 && one.every((name) => conditions.has(name))
  return {
    topic,
    conditions: [...conditions.values()],
    identity: isWhole ? one.map((name) => conditions.get(name)?.value) : undefined,
    from,
    to,
  }
}

const refused = (table: string, what: string): KappaError =>
  new KappaError('CONFIG_INVALID', `looking up rows of ${table}: ${what}`)

/** A value as records have it: instants in milliseconds, dates in days, decimals unscaled. */
function valueIn(table: string, { name, type }: ContractField, text: string): unknown {
  const no = (kind: string) => refused(table, `${name}: '${text}' is no ${kind}`)
  switch (type.kind) {
    case 'string':
      return text
    case 'uuid':
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw no('UUID')
      return text.toLowerCase()
    case 'enum':
      if (!type.symbols.includes(text)) throw no(`value of it; there are ${type.symbols.join(', ')}`)
      return text
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw no('true or false')
      return text === 'true'
    case 'int':
    case 'long':
      if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw no('whole number')
      return Number(text)
    case 'timestamp':
      return timeOf(name, text, 'UTC')
    case 'date':
      return dayOf(text, name)
    case 'decimal': {
      const unscaled = decimalOfText(text, type.scale)
      if (unscaled === undefined) throw no(`decimal of ${type.scale} places`)
      return unscaled
    }
    default:
      throw refused(table, `no text says what ${name} is`)
  }
}
