import type { AnyTopic } from '#engine/schema'
import { beginLanesAgain } from '../begin-again.ts'
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
  await beginLanesAgain(
    { ...world, app: APP, topic, clock: time, lanes: script.lanes, partitions: script.partitions },
    crew.madeAnew,
  )
  crew.expectsMadeAnew = false
  for (const store of storeNames) crew.add(store)
}
