import type { BoundedProgress } from '#engine/runtime'
import { type Bar, progressBar } from '../produce/bar.ts'

/** One bar after the other: the stages of a processor run in turn. */
export function stageBars(quiet: boolean) {
  let stage: string | undefined
  let bar: Bar | undefined
  return {
    show({ stage: running, done, total }: BoundedProgress) {
      if (stage !== running) {
        bar?.stop()
        bar = progressBar(running, total, 'offsets', quiet)
        stage = running
      }
      bar?.update(done)
    },
    stop() {
      bar?.stop()
    },
  }
}
