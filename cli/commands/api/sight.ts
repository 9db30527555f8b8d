import type { AnyTopic } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import type { Completion } from '../../../api/serving/index.ts'
import { routes } from '../../../sinks/index.ts'
import type { Platform } from '../../platform.ts'
import { Sight } from '../complete/completeness.ts'

/** What was seen is good for so long; until then nobody looks again. */
const GOOD_MS = 15_000
/** Whoever asks first waits for a look this long, and then goes on without. */
const PATIENCE_MS = 1_000

interface Seen {
  readonly at: number
  readonly completion: Completion
}

/**
 * How complete tables of results are (`kappa complete`), for the headers of the API. A look reads Kafka, so it is taken
 * once for everybody, and only where somebody asks. What it says stays true: what was complete stays so.
 */
export class CompleteSight {
  readonly #sight: Sight
  readonly #clock: Clock
  readonly #seen = new Map<string, Seen>()
  readonly #looking = new Map<string, Promise<void>>()

  constructor(platform: Platform, clock: Clock = systemClock) {
    this.#sight = new Sight(platform)
    this.#clock = clock
  }

  /** Undefined where nothing is known yet, as while Kafka is away. */
  async of(topic: AnyTopic): Promise<Completion | undefined> {
    const seen = this.#seen.get(topic.name)
    if (seen !== undefined && this.#clock.now() - seen.at < GOOD_MS) return seen.completion
    const looking = this.#looking.get(topic.name) ?? this.#look(topic)
    this.#looking.set(topic.name, looking)
    if (seen !== undefined) return seen.completion
    await Promise.race([looking, this.#clock.sleep(PATIENCE_MS)])
    return this.#seen.get(topic.name)?.completion
  }

  /** Lets what is under way come to its end. */
  async close(): Promise<void> {
    await Promise.race([Promise.all(this.#looking.values()), this.#clock.sleep(PATIENCE_MS)])
    await this.#sight.close()
  }

  async #look(topic: AnyTopic): Promise<void> {
    try {
      const route = routes.find((one) => one.topic === topic)
      if (route === undefined) return
      const { completeUntil, late, rejected, behind, onTheWay } = await this.#sight.of(route)
      const completion = { completeUntil, late, rejected, pending: behind + onTheWay }
      this.#seen.set(topic.name, { at: this.#clock.now(), completion })
    } catch {
      // Kafka is away: answers go without, and the next question looks again.
    } finally {
      this.#looking.delete(topic.name)
    }
  }
}
