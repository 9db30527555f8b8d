import type { Stage } from '#engine/compile'
import type { TaskSettings } from '../settings.ts'
import type { InputBuffer } from './input-buffer.ts'
import type { RecordedCursor } from './recorded-cursor.ts'
import type { Watch } from './watch.ts'

export interface SlicingOf {
  readonly stage: Stage
  readonly inputs: readonly InputBuffer[]
  readonly cursor: RecordedCursor
  readonly watch: Watch
  readonly settings: TaskSettings
}

/** Decides how much of each input a task takes next, where nothing recorded says so. */
export class Slicing {
  readonly #of: SlicingOf
  /** Several inputs: records came, were taken, or an input passed, since a slice was cut last. */
  #stirred = true
  #waitingFor: readonly number[] = []

  constructor(of: SlicingOf) {
    this.#of = of
  }

  /** Something came, went or passed. */
  stir(): void {
    this.#stirred = true
  }

  /** Topics of the inputs that hold up what others have brought. */
  get waitingFor(): readonly string[] {
    return this.#waitingFor.flatMap((index) => this.#of.inputs[index]?.topic ?? [])
  }

  /** Counts to take of each input, or undefined. */
  async cut(): Promise<readonly number[] | undefined> {
    const { inputs, settings, cursor } = this.#of
    const [single] = inputs
    if (inputs.length > 1 || !single) return await this.#merged()
    const count = single.countBelow(cursor.limit(), settings.sliceLimit)
    return count > 0 ? [count] : undefined
  }

  async #merged(): Promise<readonly number[] | undefined> {
    // What was cut before is still right until something came, went or passed.
    if (!this.#stirred) return undefined
    const { inputs, stage, watch } = this.#of
    // One moment: what comes while the stage prepares is for the next look, as a record and as an end that is reached.
    const buffers = inputs.map((input) => input.peek())
    const mayGrow = inputs.map((input, index) => input.fetched < input.end && !watch.passed(index))
    this.#stirred = false
    await stage.prepare(buffers).catch((thrown: unknown) => {
      this.#stirred = true
      throw thrown
    })
    const counts = stage.cut(buffers, mayGrow)
    const taken = counts.some((count) => count > 0)
    const held = !taken && buffers.some((records) => records.length > 0)
    this.#waitingFor = inputs.flatMap((_, index) => (held && mayGrow[index] && !buffers[index]?.length ? [index] : []))
    return taken ? counts : undefined
  }
}
