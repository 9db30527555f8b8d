import { keyText } from '#engine/schema'
import { holdsAt, type InputPlan, type Plan, type Side, withinOf } from '#engine/topology'
import type { Host, Operator } from '../operator.ts'
import type { Surroundings, Transform } from '../steps.ts'
import { DelayedJoin } from './delayed-join.ts'
import { Downstream } from './downstream.ts'
import { IntervalJoin } from './interval-join.ts'

export { TableJoin } from './table-join.ts'

type Around = Host & Surroundings

/** The operator of a plan behind the join that holds rows back, where it has one. */
export function holding(plan: Plan, host: Around, operatorOf: (host: Around) => Operator): Operator {
  const holds = plan.inputs.map(holdsAt)
  const within = plan.inputs.map(withinOf).find((step) => step !== undefined)?.within
  if (within) {
    const behind = holds.map((at) => at + 1)
    return new IntervalJoin(plan, within, host, new Downstream(plan, behind, host, operatorOf))
  }
  if (holds.every((at) => at < 0)) return operatorOf(host)
  // An input without such a step has all its steps behind it already.
  const from = holds.map((at, n) => (at < 0 ? (plan.inputs[n] as InputPlan).steps.length : at))
  return new DelayedJoin(plan, host, new Downstream(plan, from, host, operatorOf))
}

/**
 * Notes an event's identity before any step: its contract id, or its coordinates where the contract names none; with the
 * topic where a side of the join reads several.
 */
export function identifying(plan: Plan, input: InputPlan): Transform {
  const { name, id } = input.topic.contract.topic
  const side: Side | undefined = withinOf(input)?.side
  const several = plan.inputs.filter((one) => withinOf(one)?.side === side).length > 1
  const topic = several ? [name] : []
  return (row, at) => {
    const own = id.length > 0 ? id.map((field) => row[field]) : [at.record.partition, at.offset]
    at.id = keyText([...topic, ...own])
    return row
  }
}
