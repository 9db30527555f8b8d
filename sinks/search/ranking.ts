import type { Meaning } from './postings.ts'

/**
 * Scores of documents for one question at a time: arrays by document number that are used again and again, and emptied
 * where they were touched, so that a question costs what it finds and not what there is.
 */
export class Scores {
  #total = new Float64Array(1_024)
  #words = new Uint8Array(1_024)
  /** Best of the word that is added now, and which word that is. */
  #best = new Float64Array(1_024)
  #touched: number[] = []

  /** Documents that have a word at least. */
  get touched(): readonly number[] {
    return this.#touched
  }

  begin(documents: number): void {
    for (const document of this.#touched) {
      this.#total[document] = 0
      this.#words[document] = 0
    }
    this.#touched = []
    if (documents <= this.#total.length) return
    const size = documents * 2
    this.#total = new Float64Array(size)
    this.#words = new Uint8Array(size)
    this.#best = new Float64Array(size)
  }

  /**
   * A word of the question: of all that it may mean, a document counts the best. Rarity is that of BM25 (Robertson and
   * Zaragoza 2009), never more than that of the word itself where documents have it; how long a document is does not matter here.
   */
  add(meanings: readonly Meaning[], documents: number): void {
    const exact = meanings.find(({ quality }) => quality === 1)
    const most = exact === undefined ? Number.POSITIVE_INFINITY : rarity(exact.documents.size, documents)
    const now: number[] = []
    for (const { documents: having, quality } of meanings) {
      const factor = quality * Math.min(most, rarity(having.size, documents))
      for (const [document, weight] of having) {
        const value = factor * weight
        const before = this.#best[document] ?? 0
        if (before === 0) now.push(document)
        if (value > before) this.#best[document] = value
      }
    }
    for (const document of now) {
      if (this.#words[document] === 0) this.#touched.push(document)
      this.#words[document] = (this.#words[document] ?? 0) + 1
      this.#total[document] = (this.#total[document] ?? 0) + (this.#best[document] ?? 0)
      this.#best[document] = 0
    }
  }

  /** How many words of the question a document has. */
  words(document: number): number {
    return this.#words[document] ?? 0
  }

  score(document: number): number {
    return this.#total[document] ?? 0
  }

  /** Below 0: the first is better. */
  compare(a: number, b: number): number {
    return this.words(b) - this.words(a) || this.score(b) - this.score(a)
  }
}

const rarity = (having: number, documents: number): number => Math.log(1 + (documents - having + 0.5) / (having + 0.5))

/** The first `count` in order, without putting the rest in order. */
export function best(
  all: readonly number[],
  count: number,
  compare: (a: number, b: number) => number,
): readonly number[] {
  if (all.length <= count * 2) return [...all].sort(compare).slice(0, count)
  const first: number[] = []
  for (const one of all) {
    const last = first[first.length - 1]
    if (first.length === count && last !== undefined && compare(one, last) >= 0) continue
    let [low, high] = [0, first.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (compare(first[middle] ?? one, one) <= 0) low = middle + 1
      else high = middle
    }
    first.splice(low, 0, one)
    if (first.length > count) first.pop()
  }
  return first
}
