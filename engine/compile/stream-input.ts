import { KappaError } from '#engine/errors'
import { fieldsRead, holdsAt, type InputPlan, type Plan, withinOf } from '#engine/topology'
import type { TaskContext } from './contract.ts'
import { TopicInput } from './input.ts'
import { identifying } from './joins/index.ts'
import { type Surroundings, type Transform, transformsOf } from './steps.ts'

/** One stream of a stage: how it is read and what its events go through. */
export interface StreamInput {
  readonly topicInput: TopicInput
  /** Steps before the one that holds rows back, or all. */
  readonly transforms: readonly Transform[]
  /** What each of them does, in words. */
  readonly steps: readonly string[]
  readonly maxAheadMs: number | undefined
  /** A table: a record without a value is taken too, as a deletion of its key. */
  readonly deletes: boolean
  /** Named in dead letters of records that throw. */
  readonly stepName: string
}

export function streamInputOf(plan: Plan, input: InputPlan, task: TaskContext, around: Surroundings): StreamInput {
  const masked = input.steps.flatMap((step) => (step.kind === 'mask' ? Object.keys(step.columns) : []))
  if (masked.length > 0 && !task.vault)
    throw new KappaError('CONFIG_INVALID', `opening ${plan.name}: it masks personal fields and was given no key vault`)
  const subjects = input.topic.contract.fields.flatMap(({ name, pii }) =>
    pii && masked.includes(name) ? [pii.subject] : [],
  )
  const hold = holdsAt(input)
  const identified = withinOf(input)?.within.identity === undefined ? [] : [identifying(plan, input)]
  return {
    topicInput: new TopicInput(
      input.topic,
      fieldsRead(plan, input),
      [...new Set(subjects)],
      task.registry,
      input.arrival,
    ),
    transforms: [...identified, ...transformsOf(plan, input, around, 0, hold < 0 ? undefined : hold)],
    steps: [...identified.map(() => 'identity'), ...stepNames(input, hold < 0 ? undefined : hold)],
    deletes: plan.operator?.kind === 'tables',
    maxAheadMs: input.maxAheadMs,
    stepName: plan.operator?.kind === 'stateful' ? plan.operator.name : plan.name,
  }
}

/** One name for each function that `transformsOf` makes. */
const stepNames = ({ steps }: InputPlan, to?: number): readonly string[] =>
  steps.slice(0, to).flatMap((step) => {
    switch (step.kind) {
      case 'declassify':
      case 'within':
        return []
      case 'where':
        return [`where ${Object.entries(step.match).map(([field, values]) => `${field} is ${values.join(' or ')}`)}`]
      case 'filter':
        return [`filter by ${step.fields.join(', ')}`]
      case 'join':
        return [`${step.join} join with ${step.table.topic.name}`]
      default:
        return [step.kind]
    }
  })
