import { compile } from '#engine/compile'
import { FIRST_GENERATION } from '#engine/replay'
import { type Named, names } from '#engine/runtime'
import { describe, type OwnTopics, type PlanDescription } from '#engine/topology'
import type { Processor } from '../../processors.ts'
import type { ShownGeneration } from './generations.ts'

const FIRST: ShownGeneration = { generation: FIRST_GENERATION, inForce: false }

/** A processor's description with the topics of a generation; of its first where none is said. Asks no service. */
export function describedProcessor({ plan }: Processor, shown: ShownGeneration = FIRST): PlanDescription {
  const of: Named = { app: '', processor: plan.name, generation: shown.generation }
  const own: OwnTopics = {
    ...shown,
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
