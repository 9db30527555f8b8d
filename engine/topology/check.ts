import { KappaError } from '#engine/errors'
import { checkColumns } from './check-columns.ts'
import { checkOrder } from './check-order.ts'
import { checkTables } from './check-tables.ts'
import { checkWindow } from './check-window.ts'
import { checkHolds, checkWithin } from './check-within.ts'
import { columnsWanted, fieldsRead } from './demand.ts'
import { lineageOf, unchanged } from './lineage.ts'
import type { InputPlan, JoinStep, MaskStep, Plan } from './plan.ts'

/** Throws PLAN_INVALID where a plan contradicts itself or its contracts; the message names the field. */
export function checkPlan(plan: Plan): void {
  const refuse = (why: string): never => {
    throw new KappaError('PLAN_INVALID', `building the processor '${plan.name}': ${why}`)
  }
  if (plan.inputs.length === 0) refuse('it reads nothing')
  if (plan.inputs.some(({ topic }) => topic.name === plan.destination.name))
    refuse(`it would write to its own source ${plan.destination.name}`)
  const names = plan.inputs.map(({ topic }) => topic.name)
  if (new Set(names).size < names.length) refuse('one topic is merged with itself')
  for (const input of plan.inputs) {
    checkFields(plan, input, refuse)
    input.steps.forEach((step, at) => {
      if (step.kind === 'mask') checkMask(input, step, at, refuse)
      if (step.kind === 'join') checkJoin(input, step, at, refuse)
      if (step.kind === 'within') checkWithin(input, step, at, refuse)
      if (step.kind === 'deduplicate') {
        if (step.by.length === 0) refuse('deduplicate names no field')
        if (step.withinMs <= 0) refuse('deduplicate has no time within which events are the same')
      }
      if (step.kind === 'declassify' && step.reason.trim() === '') refuse('declassify needs a reason')
    })
  }
  checkHolds(plan, refuse)
  checkOperator(plan, refuse)
  checkPersonal(plan, refuse)
}

export type Refuse = (why: string) => never

function checkFields(plan: Plan, input: InputPlan, refuse: Refuse): void {
  const known = new Set(input.topic.contract.fields.map(({ name }) => name))
  for (const field of fieldsRead(plan, input))
    if (!known.has(field)) refuse(`${input.topic.name} has no field '${field}'`)
  if (input.arrival !== undefined && known.has(input.arrival))
    refuse(`${input.topic.name} has a field '${input.arrival}': the time of writing needs another name`)
}

function checkMask(input: InputPlan, step: MaskStep, at: number, refuse: Refuse): void {
  const personal = input.topic.contract.fields.filter(({ pii }) => pii)
  for (const { name, pii } of personal) {
    const column = step.columns[name]
    if (column === undefined) refuse(`mask leaves the personal field '${name}' of ${input.topic.name} as it is`)
    if ((column === null) !== (pii?.strategy === 'drop'))
      refuse(`the strategy of '${name}' is '${pii?.strategy}': ${column === null ? 'name its column' : 'write null'}`)
  }
  for (const name of Object.keys(step.columns)) {
    if (!personal.some((field) => field.name === name)) refuse(`mask names '${name}', which is not personal`)
    if (unchanged(input, at, name) === undefined) refuse(`mask comes after a step that changed '${name}'`)
  }
}

function checkJoin(input: InputPlan, step: JoinStep, at: number, refuse: Refuse): void {
  const table = step.table.topic
  const key = table.contract.topic.key
  if (key.length === 0) refuse(`${table.name} has no key to be joined by`)
  if (step.on.length !== key.length) refuse(`the join needs ${key.length} field(s) for the key of ${table.name}`)
  if (!step.table.broadcast) checkMeeting(input, step, at, refuse)
  const fields = new Set(table.contract.fields.map(({ name }) => name))
  for (const field of Object.values(step.select))
    if (!fields.has(field)) refuse(`${table.name} has no field '${field}'`)
  if (step.graceMs > step.table.historyMs) refuse(`the history of ${table.name} is shorter than the grace of its join`)
}

/** Rows meet where both topics are partitioned by the same key text into the same number of partitions. */
function checkMeeting(input: InputPlan, step: JoinStep, at: number, refuse: Refuse): void {
  const { topic: terms } = input.topic.contract
  const table = step.table.topic
  const on = step.on.map((field) => unchanged(input, at, field))
  if (on.length !== terms.key.length || on.some((field, n) => field !== terms.key[n]))
    refuse(`${input.topic.name} is keyed by ${terms.key.join(', ')}, the join by ${step.on.join(', ')}`)
  if (terms.partitions !== table.contract.topic.partitions)
    refuse(`${input.topic.name} and ${table.name} have different numbers of partitions`)
}

function checkOperator(plan: Plan, refuse: Refuse): void {
  const { operator, keyBy = [] } = plan
  if (!operator) return
  if (operator.kind === 'tables') {
    checkTables(plan, operator, refuse)
    return
  }
  if (keyBy.length === 0) refuse('keyBy names no field')
  if (operator.kind === 'stateful') {
    checkOrder(plan, `'${operator.name}' keeps state`, operator.graceMs, refuse)
    return
  }
  if (Object.keys(operator.columns).length === 0) refuse('aggregate names no column')
  for (const column of [...keyBy, 'windowStart', 'windowEnd'])
    if (column in operator.columns) refuse(`the column '${column}' is the key's or the window's`)
  checkWindow(plan, operator, refuse)
  checkColumns(plan, operator, refuse)
}

/**
 * True where equal keys may stand in several partitions: `keyBy` does not contain an input's own key, or inputs that are merged are
 * dealt to partitions by different parts of it.
 */
export const needsRekey = (plan: Plan): boolean => {
  if (plan.keyBy === undefined) return false
  const dealt = plan.inputs.map((input) => dealtBy(plan, input)?.join())
  return dealt.some((places) => places === undefined || places !== dealt[0])
}

/** Places in `keyBy` of the columns whose text, in this order, decides about an input's partitions; undefined where others do. */
export function dealtBy(plan: Plan, input: InputPlan): readonly number[] | undefined {
  const { key } = input.topic.contract.topic
  const fields = (plan.keyBy ?? []).map((column) => unchanged(input, input.steps.length, column))
  const places = key.map((field) => fields.indexOf(field))
  return places.length === 0 || places.includes(-1) ? undefined : places
}

/** A personal field that reaches a column without a PII tag fails the build. */
function checkPersonal(plan: Plan, refuse: Refuse): void {
  const wanted = plan.destination.contract.fields
  for (const [column, origins] of lineageOf(plan)) {
    const source = origins.find(({ personal }) => personal)
    if (source && !wanted.find(({ name }) => name === column)?.pii)
      refuse(`the personal field '${source.topic}.${source.field}' reaches the untagged column '${column}'`)
  }
  if (columnsWanted(plan).length === 0) refuse('it reads no field')
}
