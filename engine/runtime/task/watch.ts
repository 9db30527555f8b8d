import type { Stage } from '#engine/compile'
import type { InputProgress, Progress } from '../changelog/changelog.ts'
import type { InputBuffer } from './input-buffer.ts'
import { asksForEnd, type DueAdvance, dueAdvance, passes, type SilenceView } from './silence.ts'
import type { TaskOptions } from './task-options.ts'

/** What a task knows about silence: when records last came, which inputs passed, which advances were made. */
export class Watch {
  readonly #options: TaskOptions
  readonly #stage: Stage
  readonly #inputs: readonly InputBuffer[]
  readonly #lastNews: number[]
  readonly #passed: boolean[]
  readonly #advances: { time: number; afterOffset: number; madeAt: number }[]
  /** Ids of import completions applied. */
  readonly #applied: Set<number>
  #lastLook = Number.NEGATIVE_INFINITY

  constructor(options: TaskOptions, stage: Stage, inputs: readonly InputBuffer[], progress: Progress | undefined) {
    const now = options.clock.now()
    const none = { time: Number.NEGATIVE_INFINITY, afterOffset: 0 }
    this.#options = options
    this.#stage = stage
    this.#inputs = inputs
    this.#lastNews = inputs.map(() => now)
    this.#passed = inputs.map(() => false)
    this.#advances = inputs.map((_, index) => ({ ...(progress?.inputs[index]?.advance ?? none), madeAt: now }))
    this.#applied = new Set(progress?.imports)
  }

  get applied(): readonly number[] {
    return [...this.#applied]
  }

  /** The input holds nobody up, as far as the last look told. */
  passed(index: number): boolean {
    return this.#passed[index] === true
  }

  /** Records came. */
  news(index: number): void {
    this.#lastNews[index] = this.#options.clock.now()
    this.#passed[index] = false
  }

  advanced(index: number, time: number, afterOffset: number): void {
    this.#advances[index] = { time, afterOffset, madeAt: this.#options.clock.now() }
  }

  /** For the changelog. */
  advanceOf(index: number): InputProgress['advance'] {
    const { time, afterOffset } = this.#advances[index] ?? { time: Number.NEGATIVE_INFINITY, afterOffset: 0 }
    return Number.isFinite(time) ? { time, afterOffset } : null
  }

  /**
   * Looks whether silence means something now: `opened` when an input has passed that had not, and the advance that is due.
   * Undefined where it is too early to look again, or wall time decides nothing.
   */
  async look(): Promise<{ readonly opened: boolean; readonly due: DueAdvance | undefined } | undefined> {
    const { clock, settings, bounds } = this.#options
    const now = clock.now()
    if (bounds || now - this.#lastLook < settings.lookIntervalMs) return undefined
    this.#lastLook = now
    const view = await this.#view(now)
    let opened = false
    for (const index of this.#inputs.keys()) {
      const passed = passes(view, index)
      opened ||= passed && !this.#passed[index]
      this.#passed[index] = passed
    }
    const due = dueAdvance(view)
    if (due?.completion !== undefined) this.#applied.add(due.completion)
    return { opened, due }
  }

  async #view(now: number): Promise<SilenceView> {
    const view: SilenceView = {
      spec: this.#options.spec,
      stage: this.#stage,
      inputs: this.#inputs,
      atEnd: [],
      lastNews: this.#lastNews,
      advances: this.#advances,
      completions: this.#options.completions,
      applied: this.#applied,
      now,
    }
    const atEnd = this.#inputs.map(async (input, index) => {
      if (!asksForEnd(view, index)) return false
      const end = (await this.#options.ends(input.topic))[input.partition]
      return end !== undefined && input.fetched >= end
    })
    return { ...view, atEnd: await Promise.all(atEnd) }
  }
}
