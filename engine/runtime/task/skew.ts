import type { Task } from './task.ts'

/** Of a stage's task in this process, what says how far it is; no task where it is being taken over. */
export interface Runner {
  readonly partition: number
  readonly task: Pick<Task, 'inputs' | 'stage'> | undefined
}

export interface SkewOptions {
  /** How far a task may be ahead of the slowest source that has something to take. Event time, milliseconds. */
  readonly maxSkewMs: number
  readonly partitions: number
  /** Of the stage's streams. */
  readonly topics: readonly string[]
  /** The stage's tasks in this process. */
  slots(): readonly Runner[]
  /** Stream times that sources told the next stage, by source partition; undefined where no task of it is here. */
  watermarks(): readonly number[] | undefined
  ends(topic: string): Promise<readonly number[]>
  /** Positions of the group, which may be a commit old. */
  positions(topic: string): Promise<readonly number[]>
}

/**
 * Keeps the sources of a re-key together: a window behind it closes only when the slowest source has left it, so whatever
 * the others bring meanwhile has to be held. A source at its end holds nobody back, for it may stay there for ever. Which
 * records a task takes, and in which order, does not depend on this; only when it takes them.
 */
export class Skew {
  readonly #options: SkewOptions

  constructor(options: SkewOptions) {
    this.#options = options
  }

  /** The stream time up to which a task at `streamTime` may go now. */
  async limitOf(partition: number, streamTime: number): Promise<number> {
    const { maxSkewMs, partitions } = this.#options
    let slowest = streamTime
    for (let other = 0; other < partitions; other++) {
      if (other === partition) continue
      const time = this.#timeOf(other)
      // Asking whether it has more to take may cost a request.
      if (time !== undefined && time < slowest && time + maxSkewMs < streamTime && (await this.#hasMore(other)))
        slowest = time
    }
    return slowest + maxSkewMs
  }

  /** Undefined where it is not known: nobody waits for that. */
  #timeOf(partition: number): number | undefined {
    const own = this.#taskOf(partition)
    return own ? own.stage.streamTime : this.#options.watermarks()?.[partition]
  }

  #taskOf(partition: number): Runner['task'] {
    return this.#options.slots().find((slot) => slot.partition === partition)?.task
  }

  async #hasMore(partition: number): Promise<boolean> {
    const { topics, ends, positions } = this.#options
    const task = this.#taskOf(partition)
    if (task) {
      const streams = task.inputs.filter(({ topic }) => topics.includes(topic))
      if (streams.some((input) => input.length > 0)) return true
      for (const { topic, fetched, end } of streams)
        if (fetched < Math.min(end, (await ends(topic))[partition] ?? 0)) return true
      return false
    }
    for (const topic of topics) {
      const [end = 0, position = 0] = [(await ends(topic))[partition], (await positions(topic))[partition]]
      if (position < end) return true
    }
    return false
  }
}

/** One task's part in it: asks only where it may be too far ahead. */
export class Pace {
  readonly #skew: Skew | undefined
  readonly #partition: number
  readonly #stage: { readonly streamTime: number }
  #mayReach: number | undefined

  constructor(skew: Skew | undefined, partition: number, stage: { readonly streamTime: number }) {
    this.#skew = skew
    this.#partition = partition
    this.#stage = stage
  }

  get ahead(): boolean {
    return this.#mayReach !== undefined && this.#stage.streamTime > this.#mayReach
  }

  /** Whether the task has to wait for slower sources now. */
  async held(): Promise<boolean> {
    const { streamTime } = this.#stage
    if (!this.#skew || (this.#mayReach !== undefined && !this.ahead)) return false
    this.#mayReach = await this.#skew.limitOf(this.#partition, streamTime)
    return this.ahead
  }
}
