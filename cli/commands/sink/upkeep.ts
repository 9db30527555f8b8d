import { CutLog, cutCurrentTopic, cutTopics } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AnyTopic, retentionMs } from '#engine/schema'
import { systemClock } from '#engine/time'
import { routes } from '../../../sinks/index.ts'
import { hasTable, ObjectStore, refreshTable, type UpkeepOptions } from '../../../sinks/s3/index.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { neededOf } from './needed.ts'

/** What a job over one topic's objects is given. */
export interface TopicJob extends Omit<UpkeepOptions, 'fence'> {
  readonly fence: () => Promise<void>
  readonly contract: AnyTopic
  readonly retentionMs: number
  readonly platform: Platform
}

/**
 * Does a job for one topic after the other. One process at a time does jobs on a topic: a later one takes over, and the
 * earlier one ends with FENCED before it changes anything.
 */
export async function forTopics<T>(
  names: readonly string[] | undefined,
  graceMs: number,
  job: (options: TopicJob) => Promise<T>,
): Promise<readonly T[]> {
  const chosen = topicsNamed(names)
  const platform = openPlatform()
  const store = new ObjectStore(platform.addresses.s3)
  const log = new CutLog({ sink: 's3', broker: platform.broker, clock: systemClock })
  try {
    await platform.broker.admin.ensure(cutTopics('s3'))
    const lanes = await log.all()
    const done: T[] = []
    for (const contract of chosen) {
      const lease = await leaseOf(platform, contract.name)
      try {
        done.push(
          await job({
            store,
            topic: contract.name,
            contract,
            platform,
            clock: systemClock,
            graceMs,
            retentionMs: retentionMs(contract.contract.topic.retention),
            fence: lease.check,
            onVisible: async () => {
              if (!(await hasTable(store, contract.name))) return []
              const table = { store, topic: contract, clock: systemClock, graceMs, fence: lease.check }
              return (await refreshTable(table)).snapshots
            },
            needed: await neededOf(platform, contract.name),
            doneUpTo: ({ generation, lane }) => {
              const own = lanes.find(
                ({ cut }) => cut.topic === contract.name && cut.lane === lane && cut.generation === generation,
              )
              if (own === undefined) return undefined
              return own.state === 'decided' ? own.cut.number - 1 : own.cut.number
            },
          }),
        )
      } finally {
        await lease.close()
      }
    }
    return done
  } finally {
    await log.close()
    store.close()
    await platform.close()
  }
}

/** Throws CONFIG_INVALID naming a topic that is not one of ours. */
function topicsNamed(names: readonly string[] | undefined): readonly AnyTopic[] {
  if (names === undefined) return routes.map(({ topic }) => topic)
  return names.map((name) => {
    const route = routes.find(({ topic }) => topic.name === name)
    if (route === undefined) throw new KappaError('CONFIG_INVALID', `reading --topic ${name}: there is no such topic`)
    return route.topic
  })
}

/** A transactional id held by whoever began last; `check` throws FENCED for all others. */
async function leaseOf({ broker, app }: Platform, topic: string) {
  const producer = await broker.transactional(`${app}-s3-upkeep-${topic}`)
  return {
    async check() {
      await producer.begin()
      // Of the marks that lanes find their way by: nothing waits for this one.
      const key = Buffer.from(`mark|upkeep|${topic}`)
      await producer.send({ topic: cutCurrentTopic('s3'), partition: 0, key, value: Buffer.from('upkeep') })
      await producer.commit()
    },
    close: () => producer.close(),
  }
}

export const repeatable = (text: string, all: readonly string[] = []): readonly string[] => [...all, text]
