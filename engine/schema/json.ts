import type { AnyTopic, FieldType } from './contract.ts'
import { decimalText } from './decimal.ts'

type Value = Readonly<Record<string, unknown>>

/**
 * Values as people and programs read them in JSON: decimals as exact text (`12.34`), instants as ISO 8601 with all their
 * digits, dates as `2025-01-31`, bytes in base64, a union by its branch. Nothing is rounded.
 */
export function readable({ contract }: AnyTopic): (value: Value) => Record<string, unknown> {
  const fields = contract.fields.map(({ name, type }) => [name, textOf(type)] as const)
  return (value) => Object.fromEntries(fields.map(([name, text]) => [name, text(value[name])]))
}

type Text = (value: unknown) => unknown
const ifThere =
  (text: Text): Text =>
  (value) =>
    value === null || value === undefined ? null : text(value)

function textOf(type: FieldType): Text {
  switch (type.kind) {
    case 'decimal':
      return ifThere((value) => decimalText(value as bigint, type.scale))
    case 'timestamp':
      return ifThere((value) => instant(BigInt(value as number), 'millis', 'Z'))
    case 'fine-timestamp':
      return ifThere((value) => instant(value as bigint, type.unit, 'Z'))
    case 'local-timestamp':
      return ifThere((value) => instant(BigInt(value as number | bigint), type.unit, ''))
    case 'date':
      return ifThere((value) => instant(BigInt(value as number) * 86_400_000n, 'millis', 'Z').slice(0, -14))
    case 'time':
      return ifThere((value) => instant(BigInt(value as number), type.unit, '').slice(11))
    case 'bytes':
    case 'fixed':
      return ifThere((value) => (value as Buffer).toString('base64'))
    case 'array': {
      const item = textOf(type.items)
      return ifThere((value) => (value as readonly unknown[]).map(item))
    }
    case 'map': {
      const own = textOf(type.values)
      return ifThere((value) => mapped(value as Value, () => own))
    }
    case 'record': {
      const members = new Map(type.fields.map((field) => [field.name, textOf(field.type)]))
      return ifThere((value) => mapped(value as Value, (name) => members.get(name)))
    }
    case 'union': {
      const members = new Map(type.branches.map((branch) => [branch.name, textOf(branch.type)]))
      return ifThere((value) => mapped(value as Value, (name) => members.get(name)))
    }
    default:
      return ifThere((value) => value)
  }
}

const mapped = (value: Value, textFor: (name: string) => Text | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, own]) => [name, textFor(name)?.(own) ?? null]))

const PER_MS = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const
/** The largest instant of a JavaScript date, milliseconds (ECMA-262, "Time Values and Time Range"). */
const LAST_MS = 8_640_000_000_000_000n

/** What no calendar of JavaScript's reaches is its number, as text. */
function instant(value: bigint, unit: keyof typeof PER_MS, zone: string): string {
  const per = PER_MS[unit]
  const rest = ((value % per) + per) % per
  const millis = (value - rest) / per
  if (millis > LAST_MS || millis < -LAST_MS) return String(value)
  const finer = unit === 'millis' ? '' : String(rest).padStart(unit === 'micros' ? 3 : 6, '0')
  return `${new Date(Number(millis)).toISOString().slice(0, -1)}${finer}${zone}`
}
