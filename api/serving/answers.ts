import type { Answer } from './route.ts'

const MOST_BYTES = 16 * 1_048_576
/** Larger answers are not kept: they are downloads, and would push out what is asked often. */
const LARGEST = MOST_BYTES / 16

/**
 * Answers of one route that were made of one version, so that nothing is computed twice while nothing changed. What an
 * older version gave is forgotten as soon as a newer one is seen; who asks the same at the same time waits for one answer.
 */
export class Answers {
  #version: string | undefined
  #kept = new Map<string, Answer>()
  #bytes = 0
  readonly #making = new Map<string, Promise<Answer>>()

  async get(version: string, question: string, make: () => Promise<Answer>): Promise<Answer> {
    if (version !== this.#version) {
      this.#version = version
      this.#kept = new Map()
      this.#bytes = 0
    }
    const known = this.#kept.get(question)
    if (known !== undefined) {
      // The map is in the order of use.
      this.#kept.delete(question)
      this.#kept.set(question, known)
      return known
    }
    const key = `${version} ${question}`
    const under = this.#making.get(key)
    if (under !== undefined) return under
    const making = make().finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    const made = await making
    if (version === this.#version && made.body.length <= LARGEST) this.#keep(question, made)
    return made
  }

  #keep(question: string, answer: Answer): void {
    this.#kept.set(question, answer)
    this.#bytes += answer.body.length
    for (const [oldest, { body }] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) return
      this.#kept.delete(oldest)
      this.#bytes -= body.length
    }
  }
}
