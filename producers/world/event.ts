import type { AnyTopic, Topic } from '#engine/schema'

/** Something that happens in a world: `value` as its source knows it, before personal fields are sealed. */
export interface WorldEvent {
  readonly topic: AnyTopic
  readonly value: unknown
  /** Event time as the topic's contract names it, milliseconds. */
  readonly at: number
}

/** An event whose value the compiler checks. */
export const happening = <V>(topic: Topic<V>, value: V): WorldEvent => ({
  topic,
  value,
  at: (value as Readonly<Record<string, number>>)[topic.contract.topic.time] as number,
})

/** In the order of event time; events of one moment as they came (the sort is stable). */
export const inOrder = (events: WorldEvent[]): WorldEvent[] => events.sort((a, b) => a.at - b.at)
