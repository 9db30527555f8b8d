import type { KafkaRecord } from '#engine/broker'
import type { Probe, StageSpec } from '#engine/compile'
import {
  type BoundedProgress,
  type Deployment,
  generationTopic,
  names,
  type RecordedTime,
  runBounded,
} from '#engine/runtime'
import { type Clock, systemClock } from '#engine/time'
import type { ReplayPlan, ReplaySources } from '../facts.ts'
import { stitchedReader } from '../stitched-reader.ts'
import { scratchBroker } from './broker.ts'

export interface ScratchOptions extends ReplaySources {
  readonly plan: ReplayPlan
  /** Whose stages run; its generation's names are not used. */
  readonly deployment: Deployment
  /** What a live generation decided, or what is to close the windows at the end. */
  readonly recorded: RecordedTime
  readonly probe?: Probe
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BoundedProgress) => void
}

/** What a run would have published, as records of its topics. */
export interface ScratchOutput {
  readonly results: readonly KafkaRecord[]
  readonly late: readonly KafkaRecord[]
  readonly deadLetters: readonly KafkaRecord[]
  readonly taken: number
}

/** No generation has this number: they count from 1. */
const SCRATCH = 0

/**
 * A bounded run of a processor that writes nothing to Kafka: its state, results and everything aside stay in memory until
 * they are handed over. Same code, same slices and same time as a replay of the same plan. INTERRUPTED after the signal.
 */
export async function runScratch(options: ScratchOptions): Promise<ScratchOutput> {
  const { broker, archive, plan, recorded, probe, clock = systemClock } = options
  const scratch = scratchBroker(broker, clock)
  const { mayRun: _, ...given } = options.deployment
  const deployment: Deployment = {
    ...given,
    generation: SCRATCH,
    stages: probe === undefined ? given.stages : given.stages.map((spec) => seen(spec, probe)),
    topicOf: (contract) => generationTopic(contract, SCRATCH),
  }
  const tasks = await runBounded({
    broker: scratch,
    deployment,
    bounds: new Map(Object.entries(plan.bounds)),
    recorded,
    reader: () => stitchedReader({ broker, archive, plans: plan.partitions, clock }),
    clock,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  })
  return {
    results: deployment.results.flatMap((contract) => scratch.written(names.result(deployment, contract))),
    late: scratch.written(names.late(deployment)),
    deadLetters: scratch.written(names.deadLetter(deployment)),
    taken: tasks.reduce((sum, { taken }) => sum + taken, 0),
  }
}

const seen = (spec: StageSpec, probe: Probe): StageSpec => ({ ...spec, open: (task) => spec.open({ ...task, probe }) })
