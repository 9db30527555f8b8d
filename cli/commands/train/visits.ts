import { purchaseLines } from '#schemas'
import { Visits } from '../../../models/scores/index.ts'
import type { Platform } from '../../platform.ts'
import { progressBar } from '../produce/bar.ts'
import { eventsOf, type Range, type Read } from './purchases.ts'

export interface ReadVisits {
  readonly visits: Visits
  readonly read: Read
  /** The range's end; where it has none, just behind the latest purchase. */
  readonly asOf: number
}

/** The purchase lines of a range as every household's baskets. Throws as `eventsOf`. */
export async function readVisits(
  platform: Platform,
  range: Range,
  signal: AbortSignal,
  quiet: boolean,
): Promise<ReadVisits> {
  const visits = new Visits()
  let bar: ReturnType<typeof progressBar> | undefined
  const fields = ['householdId', 'basketId', 'productId', 'salesValue', 'purchasedAt'] as const
  const read = await eventsOf(platform, purchaseLines, fields, range, {
    take: (line) => visits.add(line),
    signal,
    onProgress: (done, total) => {
      bar ??= progressBar('reading', total, 'records', quiet)
      bar.update(done)
    },
  }).finally(() => bar?.stop())
  return { visits, read, asOf: range.to ?? (read.latest ?? 0) + 1 }
}
