import type { StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { generationTopic, type Recorded, type RecordedTime } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import { joinsOf, type Plan } from '#engine/topology'
import { type Generation, type GenerationRecord, generationsOf, phaseOf, type ReplayBounds } from './generations.ts'
import type { EventTimeRange } from './verify.ts'
import { warmUpOf } from './warm-up.ts'

/**
 * A processor and everything downstream of it, replayed together: each reads what those before it made anew, and all take
 * their places by one decision.
 */
export interface ChainLink {
  readonly plan: Plan
  /**
   * The event time that its results are published for: what was asked for, and around it what those behind it need for
   * their windows to be whole. Its table gives back only what was asked for.
   */
  readonly publishes: EventTimeRange
  /** Topics that it reads and another link makes: by contract, the processor. */
  readonly upstream: ReadonlyMap<string, string>
}

/** The chain of a processor, first the processor itself, each behind those whose results it reads. */
export function chainOf(plans: readonly Plan[], head: Plan, asked: EventTimeRange): readonly ChainLink[] {
  const members: Plan[] = [head]
  const makers = (): ReadonlyMap<string, string> =>
    new Map(members.map(({ destination, name }) => [destination.name, name]))
  const rest = new Set(plans.filter(({ name }) => name !== head.name))
  for (let grown = true; grown; ) {
    grown = false
    for (const plan of rest) {
      const reads = topicsOf(plan)
      if (!reads.some((topic) => makers().has(topic))) continue
      // Those that it reads from come first, where they are of the chain at all.
      const waits = [...rest].some(
        (other) => other !== plan && reads.includes(other.destination.name) && reaches(other, members, [...rest]),
      )
      if (waits) continue
      rest.delete(plan)
      members.push(plan)
      grown = true
    }
  }
  const needed = new Map<string, EventTimeRange>(members.map(({ name }) => [name, asked]))
  const links: ChainLink[] = []
  for (const plan of [...members].reverse()) {
    const publishes = needed.get(plan.name) ?? asked
    const earlier = members.slice(0, members.indexOf(plan))
    const upstream = new Map<string, string>()
    for (const { name, destination } of earlier) {
      if (!topicsOf(plan).includes(destination.name)) continue
      upstream.set(destination.name, name)
      needed.set(name, union(needed.get(name) ?? asked, around(plan, destination.name, publishes)))
    }
    links.unshift({ plan, publishes, upstream })
  }
  return links
}

/** What a link asks of the log: see `ReplayRequest`. */
export interface LinkRequest {
  readonly publishes: EventTimeRange
  readonly sources: Readonly<Record<string, string>>
  readonly closesAt?: number
}

/**
 * What a link reads in place of the live topics, once those before it are finished.
 * @param before the generations of the chain until now
 */
export function linkRequest(link: ChainLink, before: readonly Generation[]): LinkRequest {
  const sources: Record<string, string> = {}
  let closesAt: number | undefined
  for (const [topic, maker] of link.upstream) {
    const made = before.find(({ started }) => started.processor === maker)
    if (made === undefined)
      throw new KappaError(
        'STATE_MISMATCH',
        `replaying ${link.plan.name}: ${maker}, which it reads from, has no generation`,
      )
    const { generation, publishes, to, at } = made.started
    sources[topic] = generationTopic(topic, generation)
    const until = publishes?.to ?? to
    // What was still coming when it was made is not complete: nothing may be closed by it.
    if (until <= at) closesAt = Math.min(closesAt ?? until, until)
  }
  return { publishes: link.publishes, sources, ...(closesAt === undefined ? {} : { closesAt }) }
}

/** The generations of a chain, in the order in which they began; without those that were cancelled. */
export function generationsOfChain(
  records: readonly GenerationRecord[],
  chain: { readonly head: string; readonly generation: number },
): readonly Generation[] {
  const of = records.filter((one) => one.chain?.head === chain.head && one.chain.generation === chain.generation)
  const processors = [...new Set(of.map(({ processor }) => processor))]
  return processors
    .flatMap((processor) => generationsOf(of, processor).slice(-1))
    .filter((one) => phaseOf(one) !== 'cancelled')
}

/** The stages with their inputs led to other topics. */
export function readingFrom(
  stages: readonly StageSpec[],
  sources: Readonly<Record<string, string>> | undefined,
): readonly StageSpec[] {
  if (sources === undefined) return stages
  return stages.map((stage) => ({
    ...stage,
    inputs: stage.inputs.map((input) =>
      input.role === 'repartition' ? input : { ...input, topic: sources[input.topic] ?? input.topic },
    ),
  }))
}

/**
 * What was recorded about live offsets says nothing about those of a generation's topic. Where this is complete, its end
 * closes the windows that live events closed.
 */
export function closingAt(
  stages: readonly StageSpec[],
  bounds: ReplayBounds,
  sources: Readonly<Record<string, string>>,
  closesAt: number | undefined,
): RecordedTime {
  const led = new Set(Object.values(sources))
  const recorded = new Map<string, ReadonlyMap<number, readonly Recorded[]>>()
  for (const { name, inputs } of stages) {
    const byPartition = new Map<number, Recorded[]>()
    for (const [input, { topic, role }] of inputs.entries()) {
      if (closesAt === undefined || role !== 'stream' || !led.has(topic)) continue
      for (const [partition, { end }] of (bounds[topic] ?? []).entries()) {
        const own = byPartition.get(partition) ?? []
        own.push({ kind: 'advance', input, afterOffset: end, time: closesAt, reason: 'idle' })
        byPartition.set(partition, own)
      }
    }
    recorded.set(name, byPartition)
  }
  return recorded
}

/** Everything that a plan reads: streams, and tables that it joins. */
export const inputTopics = (plan: Plan): readonly AnyTopic[] => [
  ...plan.inputs.map(({ topic }) => topic),
  ...joinsOf(plan).map(({ table }) => table.topic),
]

const topicsOf = (plan: Plan): readonly string[] => inputTopics(plan).map(({ name }) => name)

/** Whether a plan will be of the chain: it reads from a member, or from another that does. */
function reaches(plan: Plan, members: readonly Plan[], rest: readonly Plan[], seen = new Set<string>()): boolean {
  if (seen.has(plan.name)) return false
  seen.add(plan.name)
  const reads = topicsOf(plan)
  if (members.some(({ destination }) => reads.includes(destination.name))) return true
  return rest.some((other) => reads.includes(other.destination.name) && reaches(other, members, rest, seen))
}

const union = (a: EventTimeRange, b: EventTimeRange): EventTimeRange => ({
  from: Math.min(a.from, b.from),
  to: Math.max(a.to, b.to),
})

/** What a plan reads of a topic to publish a range; a table is read whole. */
function around(plan: Plan, topic: string, { from, to }: EventTimeRange): EventTimeRange {
  const { beforeMs, afterMs } = warmUpOf(plan)
  const isTable = joinsOf(plan).some(({ table }) => table.topic.name === topic)
  const start = isTable || !Number.isFinite(beforeMs) ? 0 : Math.max(0, from - beforeMs)
  return { from: Math.min(from, start), to: to + afterMs }
}
