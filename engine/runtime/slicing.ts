import type { Stage } from '#engine/compile'
import type { InputBuffer } from './input-buffer.ts'
import type { RecordedCursor } from './recorded-cursor.ts'
import type { TaskSettings } from './settings.ts'
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
    const buffers = inputs.map((input) => input.peek())
    await stage.prepare(buffers)
    const mayGrow = inputs.map((input, index) => input.fetched < input.end && !watch.passed(index))
    const counts = stage.cut(buffers, mayGrow)
    this.#stirred = false
    const taken = counts.some((count) => count > 0)
    const held = !taken && buffers.some((records) => records.length > 0)
    this.#waitingFor = inputs.flatMap((input, index) => (held && mayGrow[index] && input.length === 0 ? [index] : []))
    return taken ? counts : undefined
  }
}
