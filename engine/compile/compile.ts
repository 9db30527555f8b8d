import { KappaError } from '#engine/errors'
import { holdsAt, joinsOf, layoutOf, needsRekey, orderGrace, type Plan } from '#engine/topology'
import { MOST_INPUTS } from './at.ts'
import type { Stage, StageInput, StageSpec, TaskContext } from './contract.ts'
import { DirectOperator } from './direct-operator.ts'
import { holding, TableJoin } from './joins/index.ts'
import { MergeStage } from './merge-stage.ts'
import type { Host, Operator } from './operator.ts'
import { OrderedRows, ShippedRows } from './ordered-rows.ts'
import { probed } from './probe.ts'
import { resultsOf, retractionsOf } from './results.ts'
import { SourceStage } from './stage.ts'
import { StatefulStep } from './stateful-operator.ts'
import type { Surroundings } from './steps.ts'
import { viewOf } from './view.ts'
import { checkRekeyed, mergingOf, windowsOf } from './windows/index.ts'

/**
 * A plan as stages, in the order in which events go through them. One stage, or two where `keyBy` groups by something else
 * than the inputs' key. Inputs of the first stage: the streams in the order of the plan, then the joined tables.
 */
export function compile(plan: Plan): readonly StageSpec[] {
  const joins = joinsOf(plan)
  // Tables joined with one another close nothing: no advance has to move their time.
  const role = plan.operator?.kind === 'tables' ? 'table' : 'stream'
  const inputs: readonly StageInput[] = [
    ...plan.inputs.map(({ topic, idleAfterMs }): StageInput => ({ topic: topic.name, role, idleAfterMs })),
    ...joins.map(({ table }): StageInput => {
      const role = table.broadcast ? 'broadcast' : 'table'
      return { topic: table.topic.name, role, idleAfterMs: table.idleAfterMs }
    }),
  ]
  if (inputs.length > MOST_INPUTS)
    throw new KappaError(
      'PLAN_INVALID',
      `compiling ${plan.name}: it reads ${inputs.length} topics, ${MOST_INPUTS} at most`,
    )
  const next = needsRekey(plan) ? `${plan.name}.by-${(plan.keyBy ?? []).map(hyphened).join('-')}` : undefined
  // Both stages: what is on its way between them has the layout too.
  const layout = layoutOf(plan)
  const view = viewOf(plan)
  const source: StageSpec = {
    name: `${plan.name}.source`,
    inputs,
    next,
    layout,
    view,
    ...(keepsOnDisk(plan) ? { onDisk: true } : {}),
    open: (task) =>
      new SourceStage(plan, joins, task, (host) =>
        holding(plan, host, (inner) => probed(operatorOf(plan, task, inner, next !== undefined), task.probe)),
      ),
  }
  if (next === undefined) return [source]
  if (plan.operator?.kind === 'window') checkRekeyed(plan, plan.operator)
  const merge: StageSpec = {
    name: next,
    inputs: [{ topic: next, role: 'repartition', idleAfterMs: undefined }],
    next: undefined,
    layout,
    view,
    open: (task) => mergeStageOf(plan, task),
  }
  return [source, merge]
}

/**
 * Whether the state is kept on disk where there is a folder for it. Beside tables and rows that wait it stays in memory, because all parts of a
 * state have to be of one commit.
 */
const keepsOnDisk = (plan: Plan): boolean =>
  !needsRekey(plan) &&
  plan.operator?.kind === 'stateful' &&
  plan.operator.keptOn === 'disk' &&
  joinsOf(plan).length === 0 &&
  plan.inputs.every((input) => holdsAt(input) < 0)

/** `productId` → `product-id`, for names of topics. */
const hyphened = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const rowsOf = (plan: Plan, task: TaskContext) => {
  const schemaId = task.schemaIds.get(plan.destination.name)
  if (schemaId === undefined)
    throw new KappaError('CONFIG_INVALID', `opening ${plan.name}: no schema id was given for ${plan.destination.name}`)
  return resultsOf(plan.destination, schemaId, plan.finish)
}

function operatorOf(plan: Plan, task: TaskContext, host: Host & Surroundings, rekeyed: boolean): Operator {
  const { operator } = plan
  const orderedFor = rekeyed ? orderGrace(operator) : undefined
  if (orderedFor !== undefined) return new ShippedRows(plan, orderedFor, task, host)
  const result = rowsOf(plan, task)
  if (operator === undefined) return new DirectOperator(result, host)
  if (operator.kind === 'tables')
    return new TableJoin(plan, operator, result, retractionsOf(plan.destination, plan.finish), host)
  if (operator.kind === 'stateful')
    return new StatefulStep(operator, plan.keyBy ?? [], result, host, keepsOnDisk(plan) ? task.stateFolder : undefined)
  const target = { emit: operator.emit, result, retraction: retractionsOf(plan.destination, plan.finish) }
  return windowsOf(plan, operator, target, rekeyed ? task : undefined, host)
}

function mergeStageOf(plan: Plan, task: TaskContext): Stage {
  const { operator } = plan
  const orderedFor = orderGrace(operator)
  if (orderedFor !== undefined)
    return new MergeStage(
      task,
      (host) => new OrderedRows(plan, orderedFor, host, (inner) => orderedOperator(plan, task, inner)),
    )
  if (operator?.kind !== 'window')
    throw new KappaError('PLAN_INVALID', `opening ${plan.name}: it has nothing that can be re-keyed`)
  const retraction = retractionsOf(plan.destination, plan.finish)
  const target = { emit: operator.emit, result: rowsOf(plan, task), retraction }
  return new MergeStage(task, (host) => mergingOf(plan, operator, target, task.partitions, host))
}

/** What depends on the order of single rows, and stands behind a re-key. */
function orderedOperator(plan: Plan, task: TaskContext, host: Host): Operator {
  const { operator, keyBy = [] } = plan
  const result = rowsOf(plan, task)
  if (operator?.kind === 'stateful') return new StatefulStep(operator, keyBy, result, host)
  if (operator?.kind !== 'window') throw new KappaError('PLAN_INVALID', `opening ${plan.name}: nothing takes its rows`)
  const target = { emit: operator.emit, result, retraction: retractionsOf(plan.destination, plan.finish) }
  return windowsOf(plan, operator, target, undefined, host)
}
