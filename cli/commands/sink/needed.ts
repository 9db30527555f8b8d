import { CutLog } from '#engine/delivery'
import { GenerationLog, generationsOf, phaseOf } from '#engine/replay'
import { systemClock } from '#engine/time'
import { sinkNames } from '../../../sinks/index.ts'
import type { Offsets } from '../../../sinks/s3/index.ts'
import type { Platform } from '../../platform.ts'

/** Offsets that undone cuts of any sink, and replays that are not finished, read. */
export async function neededOf(platform: Platform, topic: string): Promise<(range: Offsets) => boolean> {
  const spans = [...(await undoneCuts(platform, topic)), ...(await runningReplays(platform, topic))]
  return ({ partition, first, last }) =>
    spans.some((span) => span.partition === partition && span.first <= last && first <= span.last)
}

async function undoneCuts({ broker }: Platform, topic: string): Promise<readonly Offsets[]> {
  const spans: Offsets[] = []
  for (const sink of sinkNames) {
    const log = new CutLog({ sink, broker, clock: systemClock })
    try {
      for (const { state, cut } of await log.all())
        if (state === 'decided' && cut.topic === topic) spans.push(...cut.ranges)
    } finally {
      await log.close()
    }
  }
  return spans
}

async function runningReplays({ broker, app }: Platform, topic: string): Promise<readonly Offsets[]> {
  const records = await new GenerationLog({ broker, app, clock: systemClock }).all()
  const processors = [...new Set(records.map(({ processor }) => processor))]
  const running = processors
    .flatMap((processor) => generationsOf(records, processor))
    .filter((generation) => phaseOf(generation) === 'unfinished')
  return running.flatMap(({ started }) =>
    (started.bounds?.[topic] ?? []).map(({ start, end }, partition) => ({ partition, first: start, last: end - 1 })),
  )
}
