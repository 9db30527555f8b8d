import { beginAgain, CutLog, type LaneOptions } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { storeNames } from '../script.ts'
import { APP, type SinkCrew, type World } from './crew.ts'

/**
 * The topic is deleted and made anew while the sinks run, and nothing else is said to anyone. What the operator then does:
 * looks why lanes stopped, begins them again as the next generation, and starts the sinks.
 * Throws where a lane went on as if nothing had happened.
 */
export async function anew(world: World, crew: SinkCrew, topic: AnyTopic): Promise<void> {
  const { broker, time, script } = world
  crew.expectsMadeAnew = true
  await broker.admin.remove([topic.name])
  await broker.admin.ensure([{ name: topic.name, partitions: script.partitions, settings: {} }])
  await time.sleep(3_000)
  crew.end()
  for (const store of storeNames) crew.add(store)
  await time.sleep(20_000)
  crew.end()
  const lanes = Math.min(script.lanes, script.partitions)
  for (const store of storeNames)
    for (let lane = 0; lane < lanes; lane++) {
      const place = `${store}|${topic.name}|${lane}`
      if (!crew.madeAnew.has(place)) throw new Error(`${place} did not stop although its topic is another one`)
      const log = new CutLog({ sink: store, broker, clock: time })
      const begun = await beginAgain(optionsOf(world, topic, log, lane))
      await log.close()
      if (begun?.generation !== 2) throw new Error(`${place} began as generation ${begun?.generation}`)
    }
  crew.expectsMadeAnew = false
  for (const store of storeNames) crew.add(store)
}

function optionsOf({ broker, registry, script, time }: World, topic: AnyTopic, log: CutLog, lane: number): LaneOptions {
  return {
    app: APP,
    topic,
    source: topic.name,
    lane,
    lanes: script.lanes,
    generation: 1,
    limits: { rows: script.rows, bytes: 1_000_000, ageMs: script.ageMs },
    broker,
    registry,
    destination: { name: log.sink, prepare: async () => {}, write: async () => [], close: async () => {} },
    log,
    clock: time,
  }
}
