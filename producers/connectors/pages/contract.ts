import type { AnyTopic } from '#engine/schema'
import type { ReadValue } from '../files/values.ts'

/** Web pages of one site, as the config says. */
export interface PagesSource {
  readonly name: string
  readonly doc: string
  /** Where `start` of its pages leads on from. */
  readonly url: string
  readonly intervalMs: number
  /** Pages a minute at most; robots.txt may ask for fewer (Crawl-delay). */
  readonly perMinute: number
  /** For one page, until it is read. Milliseconds. */
  readonly timeoutMs: number
  /** For what a page's scripts have to bring, once it is there. Milliseconds. */
  readonly readyMs: number
  /** For how long pages with failures are kept. Milliseconds. */
  readonly keepMs: number
  readonly kinds: readonly PageKind[]
}

/** Pages that are laid out alike: the first one, how the others follow, and what stands where. */
export interface PageKind {
  readonly name: string
  /** Of the first page; relative to the source's. */
  readonly start: string
  readonly topic: AnyTopic
  /** CSS selector: each element that matches is a record. */
  readonly each: string
  /** CSS selector of what a page has that rightly has no record. */
  readonly empty: string | undefined
  /** CSS selector of what has to be there before the page is read. */
  readonly ready: string | undefined
  readonly paging: Paging | undefined
  readonly fields: readonly FieldSelector[]
  /** Values that are the same in every record, by field. */
  readonly constants: Readonly<Record<string, unknown>>
  /** Fields that say when the page was seen: that alone makes no news. */
  readonly seen: readonly string[]
  /** Fields that tell records apart. */
  readonly key: readonly string[]
  /** A field that rises with every state of a record. */
  readonly order: string | undefined
  /** The largest share of records that may be broken, 0 to 1; above it the layout is taken to have changed. */
  readonly brokenShare: number
}

/** The next page is where a link leads, or has the next number in its address. */
export type Paging = { readonly next: string } | { readonly parameter: string }

/** Where a field's text stands in a record's element, and how it is read. */
export interface FieldSelector {
  readonly field: string
  /** CSS selector inside the element; undefined: the element itself. */
  readonly select: string | undefined
  /** Absent: the text inside. */
  readonly attribute: string | undefined
  /** What of the text counts: its first group, or all that matches. */
  readonly pattern: RegExp | undefined
  /** Selected in the whole page, not in the element. */
  readonly inPage: boolean
  readonly nullable: boolean
  /** The type's name, for reasons. */
  readonly type: string
  readonly read: ReadValue
}

/** What a page has: per element the text of each field, null where nothing matches. */
export interface Extracted {
  readonly items: readonly (readonly (string | null)[])[]
  /** Whether something matches `empty`. */
  readonly empty: boolean
  /** Where the link to the next page leads. */
  readonly next: string | null
}
