import { compile } from '#engine/compile'
import { FIRST_GENERATION } from '#engine/replay'
import { type Named, names } from '#engine/runtime'
import { describe, type OwnTopics, type PlanDescription } from '#engine/topology'
import type { Processor } from '../../processors.ts'

/** A processor's description with the topics of its first generation. Asks no service. */
export function describedProcessor({ plan }: Processor): PlanDescription {
  const of: Named = { app: '', processor: plan.name, generation: FIRST_GENERATION }
  const own: OwnTopics = {
    stages: compile(plan).map(({ name, inputs, next }) => ({
      name,
      reads: inputs.map((input) => names.input(of, input)),
      writes: [next === undefined ? names.result(of, plan.destination.name) : names.repartition(of, next)],
      changelog: names.changelog(of, name),
    })),
    time: names.time(of),
    late: names.late(of),
    deadLetter: names.deadLetter(of),
  }
  return describe(plan, own)
}
