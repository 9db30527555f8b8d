import type { AnyTopic, FieldType } from '#engine/schema'
import { fieldsOf } from './aggregates.ts'
import type { InputPlan, MapStep, Plan, Step, TablesOperator, WithinStep } from './plan.ts'

/** A field that a column is made from. */
export interface Origin {
  readonly topic: string
  readonly field: string
  /** Personal there, and neither declassified nor generalised on the way. */
  readonly personal: boolean
  /** The reason given where it was declassified on the way. */
  readonly declassified?: string
}

/** A column's fields of origin, and what was done to them on the way, in order. */
interface Trace {
  readonly origins: readonly Origin[]
  readonly by: readonly string[]
}

const originOf = (topic: AnyTopic, field: string): Origin => ({
  topic: topic.name,
  field,
  personal: topic.contract.fields.some(({ name, pii }) => name === field && pii !== undefined),
})

/** What a column of arrival comes from: the record's own time of writing, which is no field. */
const ARRIVAL = '_timestamp'

const from = (origin: Origin): Trace => ({ origins: [origin], by: [] })
const joined = (traces: readonly Trace[]): Trace => ({
  origins: traces.flatMap(({ origins }) => origins),
  by: [...new Set(traces.flatMap(({ by }) => by))],
})
const then = ({ origins, by }: Trace, done: string): Trace => ({ origins, by: [...by, done] })
const changed = ({ origins, by }: Trace, change: (origin: Origin) => Origin): Trace => ({
  origins: origins.map(change),
  by,
})

/** Where a column that stands behind the first `upTo` steps of an input comes from. */
function traced(input: InputPlan, upTo: number, column: string): Trace {
  const step: Step | undefined = input.steps[upTo - 1]
  if (!step) return from(originOf(input.topic, column === input.arrival ? ARRIVAL : column))
  const before = (name: string): Trace => traced(input, upTo - 1, name)
  switch (step.kind) {
    case 'where':
    case 'filter':
    case 'deduplicate':
      return before(column)
    case 'declassify':
      return step.fields.includes(column)
        ? changed(before(column), (origin) =>
            origin.personal ? { ...origin, personal: false, declassified: step.reason } : origin,
          )
        : before(column)
    case 'map':
      return throughMap(step, column, before)
    case 'join': {
      const field = step.select[column]
      return field === undefined ? before(column) : then(from(originOf(step.table.topic, field)), `${step.join} join`)
    }
    case 'mask': {
      const field = Object.keys(step.columns).find((name) => step.columns[name] === column)
      if (field === undefined) return before(column)
      // A pseudonym still singles a person out; a generalised or masked value does not.
      const pii = input.topic.contract.fields.find(({ name }) => name === field)?.pii
      const trace = changed(before(field), (origin) => ({ ...origin, personal: pii?.strategy === 'pseudonym' }))
      return then(trace, `mask (${[pii?.strategy, pii?.keep].filter(Boolean).join(': ')})`)
    }
    case 'within':
      return throughWithin(input, step, column, before)
  }
}

/** A column behind a join of two streams, as one of its inputs sees it. */
function throughWithin(
  input: InputPlan,
  { side, within }: WithinStep,
  column: string,
  before: (column: string) => Trace,
): Trace {
  const { left, right, select, identity, join } = within
  const other = (name: string): Trace =>
    joined((side === 'left' ? right : left).map((one) => traced(one, one.steps.length, name)))
  if (column === identity)
    return then(joined(input.topic.contract.topic.id.map((id) => from(originOf(input.topic, id)))), 'pair of ids')
  const field = select[column]
  if (field !== undefined) return then(side === 'right' ? before(field) : other(field), `${join} join`)
  if (side === 'left') return before(column)
  const key = input.topic.contract.topic.key[within.on.indexOf(column)]
  return key === undefined || join !== 'outer' ? other(column) : before(key)
}

function throughMap(step: MapStep, column: string, before: (column: string) => Trace): Trace {
  const field = step.rename?.[column]
  if (field !== undefined) return before(field)
  return step.keep.includes(column) ? before(column) : then(joined(step.fields.map(before)), 'map')
}

/** Where a column of the rows that reach the operator comes from, over all inputs. */
const ofStream = (plan: Plan, column: string): Trace =>
  joined(plan.inputs.map((input) => traced(input, input.steps.length, column)))

/** Where a column of a join of two tables comes from. */
function ofTables({ inputs }: Plan, { on, select, join }: TablesOperator, column: string): Trace {
  const [left, right] = inputs
  const field = select[column]
  if (!left || !right) return joined([])
  if (field !== undefined) return then(from(originOf(right.topic, field)), `${join} join of tables`)
  const key = join === 'outer' ? right.topic.contract.topic.key[on.indexOf(column)] : undefined
  const own = from(originOf(left.topic, column))
  return key === undefined ? own : joined([own, from(originOf(right.topic, key))])
}

/** The fields that a column of the rows before the operator is made from, or (behind it) a column of the operator's. */
export function originsOf(plan: Plan, column: string): readonly Origin[] {
  const { operator } = plan
  const made = operator?.kind === 'window' && column in operator.columns
  return (made ? ofOperator(plan, column) : ofStream(plan, column)).origins
}

/** Where a column of the operator's rows comes from. */
function ofOperator(plan: Plan, column: string): Trace {
  const { operator, keyBy = [] } = plan
  if (!operator) return ofStream(plan, column)
  if (operator.kind === 'tables') return ofTables(plan, operator, column)
  if (operator.kind === 'stateful')
    return then(joined([...keyBy, ...operator.reads].map((field) => ofStream(plan, field))), `state '${operator.name}'`)
  if (keyBy.includes(column)) return ofStream(plan, column)
  if (column === 'windowStart' || column === 'windowEnd') {
    const times = plan.inputs.map(({ topic }) => from(originOf(topic, topic.contract.topic.time)))
    return then(joined(times), column === 'windowStart' ? 'start of the window' : 'end of the window')
  }
  const aggregate = operator.columns[column]
  if (aggregate === undefined) return joined([])
  return then(joined(fieldsOf(aggregate).map((field) => ofStream(plan, field))), aggregate.kind)
}

/** One column of the destination: the fields it is made from, and by what. */
export interface ColumnLineage {
  readonly column: string
  readonly origins: readonly Origin[]
  /** What was done on the way, in order: `map`, `inner join`, `mask (pseudonym)`, `sum`, …; empty: it passes unchanged. */
  readonly by: readonly string[]
}

/** Each column of the destination, in its order. */
export function columnLineage(plan: Plan): readonly ColumnLineage[] {
  const through = (column: string, upTo: number): Trace => {
    const step = plan.finish[upTo - 1]
    return step ? throughMap(step, column, (name) => through(name, upTo - 1)) : ofOperator(plan, column)
  }
  return plan.destination.contract.fields.map(({ name: column }) => {
    const trace = through(column, plan.finish.length)
    const origins = new Map<string, Origin>()
    for (const origin of trace.origins) {
      const at = `${origin.topic}.${origin.field}`
      // Declassified on one way and personal on another is personal.
      const known = origins.get(at)
      if (known === undefined || (origin.personal && !known.personal)) origins.set(at, origin)
    }
    return { column, origins: [...origins.values()], by: trace.by }
  })
}

/** Each column of the destination and the fields it is made from: what PII propagation and the catalogue stand on. */
export const lineageOf = (plan: Plan): ReadonlyMap<string, readonly Origin[]> =>
  new Map(columnLineage(plan).map(({ column, origins }) => [column, origins]))

/** The input field that a column is, unchanged; undefined where a step made it. */
export function unchanged(input: InputPlan, upTo: number, column: string): string | undefined {
  let name = column
  for (let at = upTo - 1; at >= 0; at--) {
    const step = input.steps[at]
    if (step?.kind === 'map') {
      const passed = passedBy(step, name)
      if (passed === undefined) return undefined
      name = passed
    }
    if (step?.kind === 'join' && name in step.select) return undefined
    if (step?.kind === 'mask' && (name in step.columns || Object.values(step.columns).includes(name))) return undefined
    if (step?.kind === 'within') {
      const own = ownName(input, step, name)
      if (own === undefined) return undefined
      name = own
    }
  }
  return name
}

/** What a column behind a map is called before it; undefined where the map makes it. */
const passedBy = ({ keep, rename }: MapStep, column: string): string | undefined =>
  rename?.[column] ?? (keep.includes(column) ? column : undefined)

/** What a column behind a join of two streams is called before it on this input's side. */
function ownName(input: InputPlan, { side, within }: WithinStep, column: string): string | undefined {
  const { select, on, identity } = within
  if (column === identity) return undefined
  if (side === 'left') return column in select ? undefined : column
  return select[column] ?? input.topic.contract.topic.key[on.indexOf(column)]
}

/** The type of a column behind the first `upTo` steps, where a contract says it. */
export function typeBehind(input: InputPlan, upTo: number, column: string): FieldType | undefined {
  const step = input.steps[upTo - 1]
  if (step === undefined) return column === input.arrival ? { kind: 'timestamp' } : fieldType(input.topic, column)
  if (step.kind === 'map') {
    const passed = passedBy(step, column)
    return passed === undefined ? undefined : typeBehind(input, upTo - 1, passed)
  }
  if (step.kind === 'join' && column in step.select) return fieldType(step.table.topic, step.select[column])
  if (step.kind === 'mask' && (column in step.columns || Object.values(step.columns).includes(column))) return undefined
  if (step.kind !== 'within') return typeBehind(input, upTo - 1, column)
  const own = ownName(input, step, column)
  if (own !== undefined) return typeBehind(input, upTo - 1, own)
  if (column === step.within.identity) return { kind: 'string' }
  const field = step.within.select[column]
  const [other] = step.side === 'left' ? step.within.right : step.within.left
  return other && typeBehind(other, other.steps.length, step.side === 'left' ? (field ?? column) : column)
}

const fieldType = (topic: AnyTopic, field: string | undefined): FieldType | undefined =>
  topic.contract.fields.find(({ name }) => name === field)?.type
