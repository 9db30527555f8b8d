import type { Answer } from './route.ts'

const MOST_BYTES = 64 * 1_048_576
/** Larger answers are not kept: they are downloads, and would push out what is asked often. */
const LARGEST = 1_048_576

interface Kept {
  readonly route: string
  readonly answer: Answer
}

/**
 * Answers that were made of one version, so that nothing is computed twice while nothing changed. What a route's older
 * version gave is forgotten as soon as a newer one is seen; who asks the same at the same time waits for one answer.
 */
export class Answers {
  readonly #versions = new Map<string, string>()
  /** In the order of use. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  readonly #making = new Map<string, Promise<Answer>>()

  /** @param question unique among all routes */
  async get(route: string, version: string, question: string, make: () => Promise<Answer>): Promise<Answer> {
    if (this.#versions.get(route) !== version) this.#begin(route, version)
    const known = this.#kept.get(question)
    if (known !== undefined) {
      this.#kept.delete(question)
      this.#kept.set(question, known)
      return known.answer
    }
    const key = `${version} ${question}`
    const under = this.#making.get(key)
    if (under !== undefined) return under
    const making = make().finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    const made = await making
    if (version === this.#versions.get(route)) this.#keep(question, { route, answer: made })
    return made
  }

  #begin(route: string, version: string): void {
    this.#versions.set(route, version)
    for (const [question, kept] of this.#kept) if (kept.route === route) this.#forget(question, kept)
  }

  #keep(question: string, kept: Kept): void {
    if (kept.answer.body.length > LARGEST) return
    this.#kept.set(question, kept)
    this.#bytes += kept.answer.body.length
    for (const [oldest, other] of this.#kept) {
      if (this.#bytes <= MOST_BYTES) return
      this.#forget(oldest, other)
    }
  }

  #forget(question: string, { answer }: Kept): void {
    this.#kept.delete(question)
    this.#bytes -= answer.body.length
  }
}
