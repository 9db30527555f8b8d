/** A client that is opened when it is first asked for, and anew after it did not open or was given up. */
export class KeptClient<T> {
  readonly #open: () => Promise<T>
  readonly #end: (client: T) => Promise<unknown>
  #opened: Promise<T> | undefined

  /** @param end closes a client; what it throws is not heard, for nobody waits for a client that is given up */
  constructor(open: () => Promise<T>, end: (client: T) => Promise<unknown>) {
    this.#open = open
    this.#end = end
  }

  /** The client as it is now: a promise, so that whoever was failed by it gives up this one and no later one. */
  get(): Promise<T> {
    if (this.#opened === undefined) {
      const opened = this.#open()
      this.#opened = opened
      opened.catch(() => this.giveUp(opened))
    }
    return this.#opened
  }

  /** The next question is asked of a new client. Others may still wait for answers of this one: its end is not waited for. */
  giveUp(opened: Promise<T>): void {
    if (!this.holds(opened)) return
    this.#opened = undefined
    void opened.then(this.#end).catch(() => {})
  }

  /** False where it was given up meanwhile, and is about to end. */
  holds(opened: Promise<T>): boolean {
    return this.#opened === opened
  }

  /** Resolves when the client has ended. */
  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    await opened?.then(this.#end).catch(() => {})
  }
}
