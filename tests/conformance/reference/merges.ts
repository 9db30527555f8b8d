import type { Case } from '../cases.ts'

type Answer = Pick<Case, 'expect'>

/** Flink's alignment of channels with a status, as its documentation of the valve tells it. */
export function mergedWatermarks(test: Case): Answer {
  const channels = Array.from({ length: test.partitions ?? 1 }, () => ({
    reached: Number.NEGATIVE_INFINITY,
    idle: false,
    aligned: true,
  }))
  const expect: { afterInput: number; watermark: number }[] = []
  let last = Number.NEGATIVE_INFINITY
  const say = (watermark: number, afterInput: number): void => {
    if (watermark <= last || !Number.isFinite(watermark)) return
    last = watermark
    expect.push({ afterInput, watermark })
  }
  const least = (): number => Math.min(...channels.filter(({ aligned }) => aligned).map(({ reached }) => reached))
  for (const [index, { partition = 0, watermark, status }] of test.input.entries()) {
    const channel = channels[partition]
    if (!channel) continue
    if (watermark !== undefined && !channel.idle && watermark > channel.reached) {
      channel.reached = watermark
      channel.aligned ||= watermark >= last
      say(least(), index)
    } else if (status === 'idle' && !channel.idle) {
      channel.idle = true
      channel.aligned = false
      const held = channel.reached === last
      if (held && channels.every(({ idle }) => idle)) say(Math.max(...channels.map(({ reached }) => reached)), index)
      else if (held) say(least(), index)
    } else if (status === 'active' && channel.idle) {
      channel.idle = false
      channel.aligned = channel.reached >= last
    }
  }
  return { expect }
}

/** Of the heads of all partitions the one with the lowest time; stream time never goes back. */
export function mergedPartitions(test: Case): Answer {
  const queues = new Map<number, number[]>()
  const expect: { partition: number; ts: number; streamTime: number }[] = []
  let streamTime = Number.NEGATIVE_INFINITY
  for (const { add, ts = [], poll = 0 } of test.input) {
    if (add !== undefined) queues.set(add, [...(queues.get(add) ?? []), ...[ts].flat()])
    for (let left = poll; left > 0; left--) {
      const heads = [...queues].filter(([, times]) => times.length > 0)
      const [next] = heads.sort(([p, a], [q, b]) => (a[0] ?? 0) - (b[0] ?? 0) || p - q)
      if (!next) break
      const [partition, times] = next
      const head = times.shift() ?? 0
      streamTime = Math.max(streamTime, head)
      expect.push({ partition, ts: head, streamTime })
    }
  }
  return { expect }
}
