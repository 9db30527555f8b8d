/** No answer to a reader is larger: a length beyond it is not Kafka speaking (a TLS port, say). */
const LARGEST = 256 * 1024 * 1024

/** Cuts a stream into frames of a four-byte length and so many bytes. Each frame is a buffer of its own, filled as bytes come. */
export class Frames {
  readonly #onFrame: (frame: Buffer) => void
  readonly #size = Buffer.alloc(4)
  #sizeFilled = 0
  #frame: Buffer | undefined
  #filled = 0

  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** Throws RangeError where a length cannot be one; the stream is of no use then. */
  feed(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#frame === undefined) {
        const taken = chunk.copy(this.#size, this.#sizeFilled, at, at + 4 - this.#sizeFilled)
        this.#sizeFilled += taken
        at += taken
        if (this.#sizeFilled < 4) return
        const length = this.#size.readInt32BE(0)
        if (length < 4 || length > LARGEST) throw new RangeError(`a frame of ${length} bytes`)
        this.#frame = Buffer.allocUnsafeSlow(length)
        this.#filled = 0
      }
      const taken = chunk.copy(this.#frame, this.#filled, at)
      this.#filled += taken
      at += taken
      if (this.#filled < this.#frame.length) return
      const whole = this.#frame
      this.#frame = undefined
      this.#sizeFilled = 0
      this.#onFrame(whole)
    }
  }
}
