import type { Broker } from '#engine/broker'
import { recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { ReplayRequest } from './generations.ts'
import type { PartitionFacts } from './plan.ts'

/** A stretch of Kafka that is no longer than this is looked into: it may hold markers alone. */
const LOOKED_INTO = 1_000

/**
 * Throws CONFIG_INVALID where no event that is known of lies in the range, telling the range of those that do. What the
 * archive does not describe may hold anything.
 */
export async function expectCovered(
  broker: Broker,
  request: ReplayRequest,
  facts: readonly PartitionFacts[],
): Promise<void> {
  const known = facts.flatMap(({ archived }) => archived)
  const inside = known.some(
    ({ minEventTime, maxEventTime }) =>
      minEventTime === null || maxEventTime === null || (maxEventTime >= request.from && minEventTime < request.to),
  )
  if (inside) return
  for (const one of facts) if (await mayHoldMore(broker, one)) return
  const times = known.flatMap(({ minEventTime, maxEventTime }) => [minEventTime ?? 0, maxEventTime ?? 0])
  const reach =
    times.length === 0
      ? 'they are empty'
      : `they reach from ${time(Math.min(...times))} to ${time(Math.max(...times))}; choose --from and --to within`
  const topics = [...new Set(facts.map(({ topic }) => topic))].join(', ')
  throw new KappaError(
    'CONFIG_INVALID',
    `replaying ${request.processor} from ${time(request.from)} to ${time(request.to)}: no event of ${topics} lies there; ${reach}`,
  )
}

/** Whether Kafka has records behind what the archive describes. */
async function mayHoldMore(broker: Broker, facts: PartitionFacts): Promise<boolean> {
  const { topic, partition, archived, beginning, committedEnd } = facts
  const from = Math.max((archived.at(-1)?.last ?? -1) + 1, beginning)
  if (from >= committedEnd) return false
  if (committedEnd - from > LOOKED_INTO) return true
  const stretch = recordsBetween(broker, topic, new Map([[partition, from]]), new Map([[partition, committedEnd]]))
  for await (const records of stretch) if (records.length > 0) return true
  return false
}

const time = (at: number): string => new Date(at).toISOString()
