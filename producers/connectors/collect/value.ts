import { type AnyTopic, type ContractField, decimalOfText, type FieldType, rulesOf } from '#engine/schema'

/** The value of an event as it came in JSON, or the first field that does not fit its contract and why. */
export type Fit = { readonly value: object } | { readonly field: string; readonly reason: string }

type Json = Readonly<Record<string, unknown>>
/** Undefined where the part is none. */
type Parse = (part: unknown) => unknown

/**
 * Reads JSON by a contract: instants as milliseconds or ISO 8601 with an offset, dates as `2025-01-31`, decimals as text or
 * number, everything else as itself. Fields of other types cannot be collected. Reasons say nothing of the value, which may
 * be personal.
 */
export function fitOf(topic: AnyTopic): (json: Json) => Fit {
  const fields = topic.contract.fields.map((field) => ({ field, parse: parserOf(field.type) }))
  const names = new Set(fields.map(({ field }) => field.name))
  const judges = fields
    .filter(({ field }) => field.rule !== undefined)
    .map(({ field: { name } }) => ({ name, judge: rulesOf(topic, [name]) }))
  return (json) => {
    for (const name of Object.keys(json)) if (!names.has(name)) return { field: name, reason: 'is not in the contract' }
    const value: Record<string, unknown> = {}
    for (const { field, parse } of fields) {
      const part = partOf(field, json[field.name], parse)
      if (part === undefined) return { field: field.name, reason: reasonOf(field, json[field.name]) }
      value[field.name] = part
    }
    for (const { name, judge } of judges) {
      const reason = judge(value)
      if (reason !== undefined) return { field: name, reason: reason.replace(`field ${name} `, '') }
    }
    return { value }
  }
}

function partOf({ nullable }: ContractField, part: unknown, parse: Parse): unknown {
  if (part === null || part === undefined) return nullable ? null : undefined
  return parse(part)
}

function reasonOf({ type }: ContractField, part: unknown): string {
  if (part === null || part === undefined) return 'is missing'
  switch (type.kind) {
    case 'enum':
      return `is none of ${type.symbols.join(', ')}`
    case 'decimal':
      return `is no amount with ${type.scale} decimals at most`
    case 'timestamp':
      return 'is no instant: milliseconds since 1970, or ISO 8601 with an offset'
    case 'date':
      return 'is no date like 2025-01-31'
    default:
      return `is no ${type.kind}`
  }
}

const whole =
  (least: number, most: number): Parse =>
  (part) =>
    typeof part === 'number' && Number.isSafeInteger(part) && part >= least && part <= most ? part : undefined

/** The last instant of a year of four digits, milliseconds. */
const LAST_MS = 253_402_300_799_999
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/
const inst = whole(0, LAST_MS)

/** Milliseconds since 1970 of an instant as it may come in JSON; undefined for what is none. */
export const instantOf = (part: unknown): number | undefined =>
  inst(typeof part === 'string' && INSTANT.test(part) ? Date.parse(part) : part) as number | undefined

function parserOf(type: FieldType): Parse {
  switch (type.kind) {
    case 'string':
      return (part) => (typeof part === 'string' ? part : undefined)
    case 'boolean':
      return (part) => (typeof part === 'boolean' ? part : undefined)
    case 'int':
      return whole(-2_147_483_648, 2_147_483_647)
    case 'long':
      return whole(-(2 ** 52) + 1, 2 ** 52 - 1)
    case 'float':
    case 'double':
      return (part) => (typeof part === 'number' && Number.isFinite(part) ? part : undefined)
    case 'timestamp':
      return instantOf
    case 'date':
      return (part) => {
        const at =
          typeof part === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(part) ? Date.parse(`${part}T00:00:00Z`) : Number.NaN
        return Number.isNaN(at) ? undefined : at / 86_400_000
      }
    case 'decimal':
      return (part) => {
        const text = typeof part === 'number' ? String(part) : part
        const unscaled = typeof text === 'string' && text.length <= 40 ? decimalOfText(text, type.scale) : undefined
        return unscaled !== undefined && String(unscaled).replace('-', '').length <= type.precision
          ? unscaled
          : undefined
      }
    case 'enum':
      return (part) => (typeof part === 'string' && type.symbols.includes(part) ? part : undefined)
    default:
      return () => undefined
  }
}
