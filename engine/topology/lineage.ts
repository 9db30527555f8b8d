import type { AnyTopic } from '#engine/schema'
import type { InputPlan, MapStep, Plan, Step } from './plan.ts'

/** A field that a column is made from. */
export interface Origin {
  readonly topic: string
  readonly field: string
  /** Personal there, and neither declassified nor generalised on the way. */
  readonly personal: boolean
}

const originOf = (topic: AnyTopic, field: string): Origin => ({
  topic: topic.name,
  field,
  personal: topic.contract.fields.some(({ name, pii }) => name === field && pii !== undefined),
})

/** Where a column that stands behind the first `upTo` steps of an input comes from. */
function traced(input: InputPlan, upTo: number, column: string): readonly Origin[] {
  const step: Step | undefined = input.steps[upTo - 1]
  if (!step) return [originOf(input.topic, column)]
  const before = (name: string): readonly Origin[] => traced(input, upTo - 1, name)
  switch (step.kind) {
    case 'where':
    case 'filter':
      return before(column)
    case 'declassify':
      return step.fields.includes(column)
        ? before(column).map((origin) => ({ ...origin, personal: false }))
        : before(column)
    case 'map':
      return throughMap(step, column, before)
    case 'join': {
      const field = step.select[column]
      return field === undefined ? before(column) : [originOf(step.table.topic, field)]
    }
    case 'mask': {
      const field = Object.keys(step.columns).find((name) => step.columns[name] === column)
      if (field === undefined) return before(column)
      // A pseudonym still singles a person out; a generalised or masked value does not.
      const strategy = input.topic.contract.fields.find(({ name }) => name === field)?.pii?.strategy
      return before(field).map((origin) => ({ ...origin, personal: strategy === 'pseudonym' }))
    }
  }
}

function throughMap(step: MapStep, column: string, before: (column: string) => readonly Origin[]): readonly Origin[] {
  return step.keep.includes(column) ? before(column) : step.fields.flatMap(before)
}

/** Where a column of the rows that reach the operator comes from, over all inputs. */
const ofStream = (plan: Plan, column: string): readonly Origin[] =>
  plan.inputs.flatMap((input) => traced(input, input.steps.length, column))

/** Where a column of the operator's rows comes from. */
function ofOperator(plan: Plan, column: string): readonly Origin[] {
  const { operator, keyBy = [] } = plan
  if (!operator) return ofStream(plan, column)
  if (operator.kind === 'stateful') return [...keyBy, ...operator.reads].flatMap((field) => ofStream(plan, field))
  if (keyBy.includes(column)) return ofStream(plan, column)
  if (column === 'windowStart' || column === 'windowEnd')
    return plan.inputs.map(({ topic }) => originOf(topic, topic.contract.topic.time))
  const field = operator.columns[column]?.field
  return field === undefined ? [] : ofStream(plan, field)
}

/** Each column of the destination and the fields it is made from: what PII propagation and the catalogue stand on. */
export function lineageOf(plan: Plan): ReadonlyMap<string, readonly Origin[]> {
  const through = (column: string, upTo: number): readonly Origin[] => {
    const step = plan.finish[upTo - 1]
    return step ? throughMap(step, column, (name) => through(name, upTo - 1)) : ofOperator(plan, column)
  }
  return new Map(
    plan.destination.contract.fields.map(({ name }) => {
      const origins = new Map<string, Origin>()
      for (const origin of through(name, plan.finish.length)) {
        const at = `${origin.topic}.${origin.field}`
        origins.set(at, { ...origin, personal: origin.personal || (origins.get(at)?.personal ?? false) })
      }
      return [name, [...origins.values()]]
    }),
  )
}

/** The input field that a column is, unchanged; undefined where a step made it. */
export function unchanged(input: InputPlan, upTo: number, column: string): string | undefined {
  for (let at = upTo - 1; at >= 0; at--) {
    const step = input.steps[at]
    if (step?.kind === 'map' && !step.keep.includes(column)) return undefined
    if (step?.kind === 'join' && column in step.select) return undefined
    if (step?.kind === 'mask' && (column in step.columns || Object.values(step.columns).includes(column)))
      return undefined
  }
  return column
}
