import SearchableMap from 'minisearch/SearchableMap'

/** Where a word is: documents by their number, each with how much the word counts in it. */
export type Posting = ReadonlyMap<number, number>

/** A word of the vocabulary that a word of a question may mean. */
export interface Meaning {
  readonly documents: Posting
  /** 1: the word itself; below: only its beginning, or nearly the word. */
  readonly quality: number
}

const PREFIX = 0.6
/** A beginning counts more where nothing fits as a whole. */
const PREFIX_ALONE = 0.8
const SLIP = 0.5
const TWO_SLIPS = 0.35

/** Letters that may be wrong, missing or too many: none in numbers and short words, two in long ones. */
export const slipsOf = (word: string): number => {
  if (/\d/.test(word) || word.length < 4) return 0
  return word.length < 8 ? 1 : 2
}

/** The vocabulary with its documents: a radix tree (MiniSearch's), so that beginnings and slips are found without reading it all. */
export class Postings {
  readonly #words = new SearchableMap<Map<number, number>>()

  add(word: string, document: number, weight: number): void {
    const documents = this.#words.get(word)
    if (documents === undefined) this.#words.set(word, new Map([[document, weight]]))
    else documents.set(document, (documents.get(document) ?? 0) + weight)
  }

  remove(word: string, document: number): void {
    const documents = this.#words.get(word)
    documents?.delete(document)
    if (documents?.size === 0) this.#words.delete(word)
  }

  /**
   * What a word may mean. Where some document has it: it, and words that begin with it. Else words that begin with it, those
   * that it is after one change of places, and those within its slips.
   */
  meaningsOf(word: string): readonly Meaning[] {
    const own = this.#words.get(word)
    const found = new Map<Posting, number>()
    if (word.length >= 2)
      for (const [, documents] of this.#words.atPrefix(word))
        found.set(documents, own === undefined ? PREFIX_ALONE : PREFIX)
    if (own !== undefined) found.set(own, 1)
    else this.#addSlips(word, found)
    return [...found].map(([documents, quality]) => ({ documents, quality }))
  }

  #addSlips(word: string, found: Map<Posting, number>): void {
    const slips = slipsOf(word)
    if (slips === 0) return
    const add = (documents: Posting, quality: number) =>
      found.set(documents, Math.max(quality, found.get(documents) ?? 0))
    // Two neighbouring letters that changed places are one slip to people, and two to Levenshtein's distance.
    for (let at = 0; at < word.length - 1; at++) {
      const turned = this.#words.get(word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2))
      if (turned !== undefined) add(turned, SLIP)
    }
    for (const [, [documents, distance]] of this.#words.fuzzyGet(word, slips))
      add(documents, distance <= 1 ? SLIP : TWO_SLIPS)
  }
}
