import type { HttpSource, Page } from '../http/index.ts'
import { kindNamed, type PageAnswer } from './ask.ts'
import type { PagesSource } from './contract.ts'
import { judge } from './judge.ts'

/**
 * Pages as something to be polled: rounds, walks that are gone on with, what is news and what is not, pauses and counts are
 * those of APIs (`producers/connectors/http`); an answer is what the browser found.
 */
export const polledPages = (source: PagesSource): HttpSource => ({
  ...{ name: source.name, connector: 'pages', doc: source.doc, baseUrl: source.url },
  topics: [...new Set(source.kinds.map(({ topic }) => topic))],
  ...{ intervalMs: source.intervalMs, perMinute: source.perMinute },
  targets: ({ baseUrl }) => source.kinds.map(({ name, start }) => ({ name, url: new URL(start, `${baseUrl}/`).href })),
  read(answer, { receivedAt }): Page {
    const { kind, extracted, page, saved = false } = answer as PageAnswer
    const { items, failure, alarm } = judge(kindNamed(source, kind), extracted, receivedAt, page)
    return {
      items,
      ...(extracted.next === null ? {} : { next: extracted.next }),
      ...(failure === undefined ? {} : { failure }),
      ...(alarm === undefined || saved ? {} : { alarm }),
    }
  },
})
