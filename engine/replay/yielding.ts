import type { Reader } from '#engine/broker'
import type { Clock } from '#engine/time'
import type { Lag, LiveLag } from './live-lag.ts'

export interface YieldOptions {
  readonly lag: Pick<LiveLag, 'look'>
  /** Seconds that live groups may be behind before reading pauses; it goes on at half of it. */
  readonly boundSeconds: number
  readonly clock: Clock
  /** Told when reading pauses, and with undefined when it goes on. */
  readonly onYield?: (lag: Lag | undefined) => void
}

/** Looks at live lag now and then, and says whether a replay may read. */
export class LiveGate {
  private readonly options: YieldOptions
  private readonly over = new AbortController()
  private readonly watching: Promise<void>
  private pausedAt: number | undefined
  private pausedMs = 0

  constructor(options: YieldOptions) {
    this.options = options
    this.watching = this.watch()
  }

  get paused(): boolean {
    return this.pausedAt !== undefined
  }

  /** How long reading was paused until now. */
  get seconds(): number {
    const open = this.pausedAt === undefined ? 0 : this.options.clock.now() - this.pausedAt
    return (this.pausedMs + open) / 1_000
  }

  async close(): Promise<void> {
    this.over.abort()
    await this.watching
  }

  private async watch(): Promise<void> {
    const { lag, boundSeconds, clock, onYield } = this.options
    while (!this.over.signal.aborted) {
      const found = await lag.look().catch(() => undefined)
      if (found === undefined) {
        // What cannot be asked is asked again: a replay does not end for it.
      } else if (this.pausedAt === undefined && found.seconds > boundSeconds) {
        this.pausedAt = clock.now()
        onYield?.(found)
      } else if (this.pausedAt !== undefined && found.seconds <= boundSeconds / 2) {
        this.pausedMs += clock.now() - this.pausedAt
        this.pausedAt = undefined
        onYield?.(undefined)
      }
      await clock.sleep(LOOK_EVERY_MS, this.over.signal)
    }
  }
}

const LOOK_EVERY_MS = 1_000

/** The reader itself, but that it hands nothing over while the gate is paused. */
export function yieldingReader(reader: Reader, gate: Pick<LiveGate, 'paused'>, clock: Clock): Reader {
  return {
    assign: (positions) => reader.assign(positions),
    unassign: (partitions) => reader.unassign(partitions),
    async read(max, waitMs) {
      if (!gate.paused) return reader.read(max, waitMs)
      await clock.sleep(waitMs)
      return []
    },
    position: (at) => reader.position(at),
    pause: (partitions) => reader.pause(partitions),
    resume: (partitions) => reader.resume(partitions),
    close: () => reader.close(),
  }
}
