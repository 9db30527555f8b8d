import type { Clock } from '#engine/time'
import { generateShopEvents } from './days.ts'
import type { ShopEvent } from './event.ts'
import { liveShopEvents } from './live.ts'
import { Mishaps, type Sent } from './mishaps.ts'
import type { ShopOptions } from './options.ts'

const BATCH = 2_000

/**
 * What is sent, in order and in batches: whole days at once, or live. An aborted batch run ends early; an aborted stream
 * ends as if its duration were over.
 */
export async function* shopTraffic(
  options: ShopOptions,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<readonly Sent[]> {
  const mishaps = new Mishaps(options.seed, options.ratios)
  if (options.mode === 'stream') {
    for await (const events of liveShopEvents({ ...options, clock, signal }))
      yield [...events.flatMap((event) => [...mishaps.send(event)]), ...mishaps.due(clock.now())]
  } else {
    for (const events of batches(generateShopEvents(options))) {
      if (signal.aborted) return
      yield events.flatMap((event) => [...mishaps.send(event)])
    }
  }
  yield [...mishaps.rest()]
}

function* batches(events: Iterable<ShopEvent>): Generator<readonly ShopEvent[]> {
  let batch: ShopEvent[] = []
  for (const event of events) {
    batch.push(event)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
