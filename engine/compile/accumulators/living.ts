/** A value that stands in a slot as an object and is written as plain data (see ByteWriter#value). */
export interface Living {
  toState(): unknown
}

/**
 * Values of one kind that live in slots as objects. A slot that was read from bytes holds plain data until it is first
 * used: restoring a million cells builds no sketch.
 */
export class Kind<T extends Living> {
  readonly #type: abstract new (
    ...args: never[]
  ) => T
  readonly #read: (state: unknown) => T

  constructor(type: abstract new (...args: never[]) => T, read: (state: unknown) => T) {
    this.#type = type
    this.#read = read
  }

  /** The object in a slot, put there where the slot held plain data. */
  in(slots: unknown[], at: number): T {
    const found = slots[at]
    if (found instanceof this.#type) return found
    const read = this.#read(found)
    slots[at] = read
    return read
  }

  /** The object of a slot that is left as it is. */
  of(slots: readonly unknown[], at: number): T {
    const found = slots[at]
    return found instanceof this.#type ? found : this.#read(found)
  }
}
