import type { Broker } from '#engine/broker'
import { beginAgain, CutLog } from '#engine/delivery'
import type { AnyTopic, Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import { storeNames } from './script.ts'

export interface Lanes {
  readonly app: string
  readonly topic: AnyTopic
  readonly lanes: number
  readonly partitions: number
  readonly broker: Broker
  readonly registry: Registry
  readonly clock: Clock
}

/**
 * What the operator does with lanes whose topic was made anew. Throws where one of them had not stopped.
 * @param stopped the lanes that did, as `<sink>|<topic>|<lane>`
 */
export async function beginLanesAgain(of: Lanes, stopped: ReadonlySet<string>): Promise<void> {
  const { app, topic, lanes, partitions, broker, registry, clock } = of
  for (const store of storeNames)
    for (let lane = 0; lane < Math.min(lanes, partitions); lane++) {
      const place = `${store}|${topic.name}|${lane}`
      if (!stopped.has(place)) throw new Error(`${place} did not stop although its topic is another one`)
      const log = new CutLog({ sink: store, broker, clock })
      const begun = await beginAgain({
        ...{ app, topic, source: topic.name, lane, lanes, generation: 1, broker, registry, log, clock },
        limits: { rows: 1, bytes: 1, ageMs: 1 },
        destination: { name: store, prepare: async () => {}, write: async () => [], close: async () => {} },
      })
      await log.close()
      if (begun?.generation !== 2) throw new Error(`${place} began as generation ${begun?.generation}`)
    }
}
