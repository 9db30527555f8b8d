import type { Extracted, PageKind } from './contract.ts'

/** What the functions below are given: they run in the page, and know nothing else of us. */
export interface Selectors {
  readonly each: string
  readonly empty: string | null
  readonly ready: string | null
  readonly next: string | null
  readonly fields: readonly {
    readonly select: string | null
    readonly attribute: string | null
    readonly inPage: boolean
  }[]
}

export const selectorsOf = ({ each, empty, ready, paging, fields }: PageKind): Selectors => ({
  ...{ each, empty: empty ?? null, ready: ready ?? null },
  next: paging !== undefined && 'next' in paging ? paging.next : null,
  fields: fields.map(({ select, attribute, inPage }) => ({
    ...{ select: select ?? null, attribute: attribute ?? null, inPage },
  })),
})

/** As much of the DOM as is needed. */
interface Element {
  readonly textContent: string | null
  getAttribute(name: string): string | null
  querySelector(selector: string): Element | null
  querySelectorAll(selector: string): ArrayLike<Element>
}

interface Page {
  readonly document: Element & { readonly baseURI: string }
}

/**
 * Reads a page, in the page: its source text is sent there. So it refers to nothing outside itself, and names no function
 * inside (compilers would add calls of their own). White space counts as one space.
 */
export function extractInPage({ each, empty, next, fields }: Selectors): Extracted {
  const { document } = globalThis as unknown as Page
  const href = next === null ? undefined : document.querySelector(next)?.getAttribute('href')
  return {
    items: Array.from(document.querySelectorAll(each)).map((element) =>
      fields.map(({ select, attribute, inPage }) => {
        const root = inPage ? document : element
        const found = select === null ? root : root.querySelector(select)
        const text = attribute === null ? found?.textContent : found?.getAttribute(attribute)
        return text === undefined || text === null ? null : text.replace(/\s+/g, ' ').trim()
      }),
    ),
    empty: empty !== null && document.querySelector(empty) !== null,
    next: href === undefined || href === null ? null : new URL(href, document.baseURI).href,
  }
}

/** How many records a page has by now; -1 while something that it must have is missing. Runs in the page, as above. */
export function countInPage({ each, empty, ready }: Selectors): number {
  const { document } = globalThis as unknown as Page
  if (ready !== null && document.querySelector(ready) === null) return -1
  const count = document.querySelectorAll(each).length
  return count > 0 || (empty !== null && document.querySelector(empty) !== null) ? count : -1
}
