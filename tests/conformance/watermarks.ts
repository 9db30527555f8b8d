import { Watermarks } from '#engine/compile'
import { asserted, type Case, Mismatch, same, Unsupported } from './cases.ts'

/** What partitions with a status have reached together: every change of the merged time, and where it stood. */
export function runWatermarkCase(test: Case): void {
  const partitions = test.partitions ?? Math.max(0, ...test.input.map(({ partition = 0 }) => partition)) + 1
  const merged = new Watermarks(partitions)
  const got: { afterInput: number; watermark?: number; status?: string }[] = []
  const told = test.expect.some((row) => 'status' in row)
  for (const [afterInput, { partition = 0, watermark, status }] of test.input.entries()) {
    const before = merged.reached
    const silent = merged.allIdle
    if (watermark !== undefined) merged.advance(partition, watermark)
    else if (status === 'idle') merged.idle(partition)
    else if (status === 'active') merged.active(partition)
    else throw new Unsupported(`an input ${JSON.stringify(test.input[afterInput])}`)
    if (merged.reached > before) got.push({ afterInput, watermark: merged.reached })
    // The peer says besides when all are silent, and when one speaks again; cases may leave that out.
    if (told && merged.allIdle !== silent) got.push({ afterInput, status: merged.allIdle ? 'idle' : 'active' })
  }
  const shown = asserted(test.expect, got)
  if (!same(test.expect, shown)) throw new Mismatch('watermarks', test.expect, shown)
}
