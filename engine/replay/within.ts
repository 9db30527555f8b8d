import type { OutputRecord, Stage, StageSpec } from '#engine/compile'
import type { AnyTopic } from '#engine/schema'
import type { EventTimeRange } from './verify.ts'

/** Registry framing before the Avro body: magic byte and schema id. */
const FRAME_BYTES = 5

/**
 * Stages that publish only results of event time `[from, to)`, and of one key where one is named. What warms the state up, and windows that touch the left
 * edge and so lack events, are computed and never published as final. A record without a value (a retraction) has no event
 * time: it passes, and can only take away what the same run published.
 */
export function publishingWithin(
  stages: readonly StageSpec[],
  topic: AnyTopic,
  { from, to, key }: EventTimeRange,
): readonly StageSpec[] {
  const { time } = topic.contract.topic
  const keeps = ({ channel, value, topic: name }: OutputRecord): boolean => {
    if (channel !== 'result' || value === null || name !== topic.name) return true
    const row: Readonly<Record<string, unknown>> = topic.decode(value.subarray(FRAME_BYTES))
    const at = row[time]
    if (key !== undefined && String(row[key.field]) !== key.value) return false
    return typeof at === 'number' && at >= from && at < to
  }
  return stages.map((spec) => ({ ...spec, open: (task) => filtering(spec.open(task), keeps) }))
}

/** The stage itself, but for what it hands over to be written. */
function filtering(stage: Stage, keeps: (record: OutputRecord) => boolean): Stage {
  return {
    prepare: (slice) => stage.prepare(slice),
    cut: (buffers, mayGrow) => stage.cut(buffers, mayGrow),
    accept: (slice) => stage.accept(slice),
    advance: (advance) => stage.advance(advance),
    get streamTime() {
      return stage.streamTime
    },
    lastEvent: (input) => stage.lastEvent(input),
    get sourceTimes() {
      return stage.sourceTimes ?? []
    },
    drain: () => stage.drain().filter(keeps),
    get throwing() {
      return stage.throwing ?? 0
    },
    endThrows: () => stage.endThrows?.(),
    takeDelta: () => stage.takeDelta(),
    snapshot: () => stage.snapshot(),
    restore: (block) => stage.restore(block),
    get stateEntries() {
      return stage.stateEntries
    },
    get counts() {
      return stage.counts
    },
  }
}
