import type { AnyTopic } from '#engine/schema'
import { dealtBy, joinsOf, needsRekey, originsOf, type Plan } from '#engine/topology'

/** How people may look at a stage's state: what its rows are keyed by, and what is not shown. */
export interface StateView {
  /** Columns of the key, in order; a key's text is `keyText` of their values. */
  readonly keyBy: readonly string[]
  /** Places in `keyBy` of the columns whose text, in this order, decides about the partition. */
  readonly dealtBy: readonly number[]
  /** Columns that hold or are made from fields with a PII tag, and are not declassified. */
  readonly hidden: ReadonlySet<string>
  /** Digits behind the point of columns that are unscaled decimals. */
  readonly scales: ReadonlyMap<string, number>
  /** Keys of the inputs' records may be named, in a warning for instance. */
  readonly plainKeys: boolean
}

/** Columns of a row of typed state beside its key. */
export const STATE_COLUMN = 'state'

export function viewOf(plan: Plan): StateView {
  const { operator, keyBy = [] } = plan
  const topics = [...plan.inputs.map(({ topic }) => topic), ...joinsOf(plan).map(({ table }) => table.topic)]
  const tagged = new Set(topics.flatMap(({ contract, name }) => taggedOf({ contract, name })))
  const personal = (column: string): boolean =>
    originsOf(plan, column).some(
      ({ topic, field, declassified }) => declassified === undefined && tagged.has(`${topic}.${field}`),
    )
  const columns = operator?.kind === 'window' ? Object.keys(operator.columns) : []
  const hidden = new Set([...keyBy, ...columns].filter(personal))
  if (operator?.kind === 'stateful' && [...keyBy, ...operator.reads].some(personal)) hidden.add(STATE_COLUMN)
  const scales = new Map<string, number>()
  if (plan.finish.length === 0)
    for (const { name, type } of plan.destination.contract.fields)
      if (type.kind === 'decimal') scales.set(name, type.scale)
  const plainKeys = plan.inputs.every(({ topic }) =>
    topic.contract.topic.key.every((field) => !tagged.has(`${topic.name}.${field}`)),
  )
  // Behind a re-key the whole key decides; else the key of the inputs' records, which is a part of it.
  const [input] = plan.inputs
  const dealt = input && !needsRekey(plan) ? dealtBy(plan, input) : undefined
  return { keyBy, dealtBy: dealt ?? [...keyBy.keys()], hidden, scales, plainKeys }
}

const taggedOf = ({ contract, name }: Pick<AnyTopic, 'contract' | 'name'>): string[] =>
  contract.fields.filter(({ pii }) => pii !== undefined).map((field) => `${name}.${field.name}`)
