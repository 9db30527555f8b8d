import type { Mark } from '#engine/state'
import { firstFrom } from '#engine/state'
import type { SlidingWindow } from '#engine/topology'
import type { At } from '../at.ts'
import type { Host } from '../operator.ts'
import { leftEnd } from './sliding-ends.ts'

/** The least end of the windows that an event counts in: those that are open, or all that hold it. */
export const openFrom = ({ streamTime }: Host, time: number, { graceMs }: SlidingWindow): number =>
  Math.max(time, streamTime - graceMs)

/**
 * Says of an event older than what is open which windows it missed: its own left one, and those of later events that are
 * known. True where no window that could hold it is open any more: then it counts nowhere.
 */
export function lateForSliding(host: Host, at: At, window: SlidingWindow, marks: readonly Mark[]): boolean {
  const { streamTime } = host
  const { time } = at
  const { sizeMs } = window
  const open = openFrom(host, time, window)
  const late = time + sizeMs < open
  const missed = new Set<number>()
  if (leftEnd(time, sizeMs) < open) missed.add(leftEnd(time, sizeMs))
  for (let n = firstFrom(marks, time); !late && n < marks.length; n++) {
    const end = leftEnd((marks[n] as Mark).time, sizeMs)
    if (end > time + sizeMs || end >= open) break
    missed.add(end)
  }
  if (missed.size > 0)
    host.late(at, {
      reason: late ? 'late' : 'partly-late',
      eventTime: time,
      lateness: streamTime - time,
      streamTime,
      windows: [...missed].map((end) => `${end - sizeMs}/${end}`).join(','),
    })
  return late
}
