import { fieldsOf } from './aggregates.ts'
import type { DeduplicateStep, InputPlan, JoinStep, MapStep, Plan, Step, TablesOperator, WithinStep } from './plan.ts'

/** What has to be decoded of each topic: only the fields that something reads. */

/** Columns that the rows of an input must have after its steps. */
export function columnsWanted(plan: Plan): readonly string[] {
  const { operator, keyBy = [] } = plan
  if (operator?.kind === 'window') {
    const read = Object.values(operator.columns).flatMap(fieldsOf)
    return [...new Set([...keyBy, ...read])]
  }
  if (operator?.kind === 'stateful') return [...new Set([...keyBy, ...operator.reads])]
  const [first] = plan.finish
  if (operator?.kind === 'tables' && first) return [...new Set([...first.fields, ...first.keep])]
  return plan.destination.contract.fields.map((field) => field.name)
}

/** The columns wanted before `step` of an input where `after` are wanted behind it. */
function wantedBefore(input: InputPlan, step: Step, after: ReadonlySet<string>): Set<string> {
  switch (step.kind) {
    case 'where':
      return new Set([...after, ...Object.keys(step.match)])
    case 'filter':
      return new Set([...after, ...step.fields])
    case 'deduplicate':
      return new Set([...after, ...step.by])
    case 'declassify':
      return new Set(after)
    case 'map':
      return new Set([...step.fields, ...step.keep.filter((field) => after.has(field)), ...renamedOf(step, after)])
    case 'join': {
      const own = [...after].filter((column) => !(column in step.select))
      return new Set([...own, ...step.on, ...(step.asOf === undefined ? [] : [step.asOf])])
    }
    case 'mask': {
      const made = new Map(Object.entries(step.columns).map(([field, column]) => [column, field]))
      const before = [...after].map((column) => made.get(column) ?? column)
      return new Set([...before, ...subjectsOf(input, before)])
    }
    case 'within':
      return new Set(sideColumns(input, step, after))
  }
}

/** Fields that pass under other names which are wanted. */
const renamedOf = ({ rename = {} }: MapStep, after: ReadonlySet<string>): readonly string[] =>
  Object.entries(rename).flatMap(([column, field]) => (after.has(column) ? [field] : []))

/** The fields that name the subjects of sealed ones: whoever opens these reads those. */
const subjectsOf = (input: InputPlan, columns: readonly string[]): readonly string[] =>
  input.topic.contract.fields.flatMap(({ name, pii }) => (pii && columns.includes(name) ? [pii.subject] : []))

/** Of the columns wanted behind a join of two streams, those that one side brings, and its key. */
function sideColumns(input: InputPlan, { side, within }: WithinStep, after: ReadonlySet<string>): readonly string[] {
  const { select, on, identity } = within
  if (side === 'left') return [...[...after].filter((column) => !(column in select) && column !== identity), ...on]
  const selected = Object.entries(select).flatMap(([column, field]) => (after.has(column) ? [field] : []))
  return [...selected, ...input.topic.contract.topic.key]
}

/** Of the columns of a join of two tables, those that one of them brings, and its key. */
function tableColumns(plan: Plan, input: InputPlan, { select, on }: TablesOperator): readonly string[] {
  const wanted = columnsWanted(plan)
  if (input === plan.inputs[0]) return [...wanted.filter((column) => !(column in select)), ...on]
  const selected = wanted.flatMap((column) => select[column] ?? [])
  return [...selected, ...input.topic.contract.topic.key]
}

/** Columns wanted behind the first `upTo` steps of an input. */
export function wantedBehind(plan: Plan, input: InputPlan, upTo: number): ReadonlySet<string> {
  let wanted = new Set(
    plan.operator?.kind === 'tables' ? tableColumns(plan, input, plan.operator) : columnsWanted(plan),
  )
  for (const step of input.steps.slice(upTo).reverse()) wanted = wantedBefore(input, step, wanted)
  return wanted
}

/** Fields of the input's topic that its steps and the operator read; what must be decoded beside the time field. */
export function fieldsRead(plan: Plan, input: InputPlan): readonly string[] {
  const wanted = wantedBehind(plan, input, 0)
  const ids = withinOf(input)?.within.identity === undefined ? [] : input.topic.contract.topic.id
  return [...new Set([...wanted, ...ids])].filter((field) => field !== input.arrival)
}

/** The joins of a plan, each once though it stands in several branches. */
export const joinsOf = (plan: Plan): readonly JoinStep[] => [
  ...new Set(plan.inputs.flatMap((input) => input.steps.filter((step) => step.kind === 'join'))),
]

/** The deduplications of a plan, each once though it stands in several branches. */
export const duplicatesOf = (plan: Plan): readonly DeduplicateStep[] => [
  ...new Set(plan.inputs.flatMap((input) => input.steps.filter((step) => step.kind === 'deduplicate'))),
]

/** Where an input enters a join of two streams, if it does. */
export const withinOf = (input: InputPlan): WithinStep | undefined => input.steps.find((step) => step.kind === 'within')

/** The step that holds rows back, by its index: a join of two streams, or a table's join with grace; -1 where none does. */
export const holdsAt = (input: InputPlan): number =>
  input.steps.findIndex((step) => step.kind === 'within' || (step.kind === 'join' && step.graceMs > 0))
