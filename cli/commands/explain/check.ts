import type { Explanation } from '#engine/replay'
import { type AnyTopic, readable } from '#engine/schema'
import type { Row } from '#engine/topology'
import type { Figure } from './figure.ts'

/** One column of the figure, beside what its events add up to and what the code makes of them again. */
export interface ColumnCheck {
  readonly column: string
  /** What the table says. */
  readonly figure: unknown
  /** What the events add up to; undefined for columns that are no sums of their events. */
  readonly added: unknown
  /** What the processor makes of the same events; undefined while its window is open. */
  readonly made: unknown
  readonly equal: boolean
}

/** Sums of doubles depend on their order: beside the largest they may differ by so much. */
const ROUNDING = 1e-9

/** Column by column; keys and bounds of windows included, because they have to be made again too. */
export function checked(
  topic: AnyTopic,
  { added, made }: Explanation,
  figure: Figure | undefined,
): readonly ColumnCheck[] {
  const text = readable(topic)
  const told = text(added)
  const again = made === undefined ? undefined : text(made)
  return topic.contract.fields.flatMap(({ name }) => {
    const column = {
      column: name,
      figure: figure?.row[name],
      added: name in added ? told[name] : undefined,
      made: again?.[name],
    }
    if (figure === undefined) return column.added === undefined ? [] : [{ ...column, equal: true }]
    const others = [column.added, column.made].filter((one) => one !== undefined)
    return [{ ...column, equal: others.every((other) => isSame(column.figure, other)) }]
  })
}

function isSame(figure: unknown, other: unknown): boolean {
  if (typeof figure === 'number' && typeof other === 'number')
    return Math.abs(figure - other) <= ROUNDING * Math.max(1, Math.abs(figure), Math.abs(other))
  return JSON.stringify(figure ?? null) === JSON.stringify(other ?? null)
}

/** Amounts of an event as people read them: by the columns that they go into. */
export function amountsText(topic: AnyTopic, amounts: Row): Row {
  const text = readable(topic)
  const fields = new Set(topic.contract.fields.map(({ name }) => name))
  const [own, others] = [
    Object.entries(amounts).filter(([name, value]) => fields.has(name) && fits(topic, name, value)),
    Object.entries(amounts).filter(([name, value]) => !(fields.has(name) && fits(topic, name, value))),
  ]
  const told = text(Object.fromEntries(own))
  return {
    ...Object.fromEntries(own.map(([name]) => [name, told[name]])),
    ...Object.fromEntries(others.map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value])),
  }
}

/** A mean of decimals is a double, and its events are not. */
const fits = ({ contract }: AnyTopic, name: string, value: unknown): boolean => {
  const kind = contract.fields.find((field) => field.name === name)?.type.kind
  return kind === 'decimal'
    ? typeof value === 'bigint'
    : ['int', 'long', 'float', 'double', 'string'].includes(kind ?? '') && typeof value !== 'bigint'
}
