import type { AnyTopic } from '#engine/schema'
import { COLLECT, collectedTopics } from '../../../producers/connectors/collect/index.ts'
import { httpSources } from '../../../producers/connectors/http/index.ts'
import { polledPages } from '../../../producers/connectors/pages/index.ts'
import { topicsOf } from '../../../producers/connectors/sql/index.ts'
import { shopTopics } from '../../../producers/shop/index.ts'
import { domains } from '../../../producers/world/index.ts'
import { filesSources, pagesSources, sqlSources } from '../../sources.ts'
import { imports } from '../import/imports.ts'

export type SourceKind = 'generator' | 'files' | 'http' | 'pages' | 'sql' | 'collect' | 'data set'

/** Something that events come from. */
export interface KnownSource {
  readonly kind: SourceKind
  readonly name: string
  readonly doc: string
  /** What makes events come, without `kappa`. */
  readonly command: string
  readonly topics: readonly AnyTopic[]
}

/** Where sources are declared; those of the repository where nothing is said. */
export interface Declared {
  readonly files?: string
  readonly pages?: string
  readonly sql?: string
}

/** Every generator, connector's source and data set that there is, by kind. */
export function knownSources({ files, pages, sql }: Declared = {}): readonly KnownSource[] {
  const batch = '--mode batch --start-date 2025-01-01 --end-date 2025-01-31'
  return [
    ...domains.map(({ name, doc, topics }): KnownSource => {
      return { kind: 'generator', name, doc, command: `produce ${name} ${batch}`, topics }
    }),
    {
      ...{ kind: 'generator', name: 'shop', doc: 'exactly so many shop events a day, spoilt on their way on request' },
      ...{ command: `produce shop ${batch}`, topics: shopTopics },
    },
    ...filesSources(files).map(({ name, doc, kinds }): KnownSource => {
      const topics = [...new Set(kinds.flatMap((kind) => kind.topics))]
      return { kind: 'files', name, doc, command: `ingest files --source ${name} --in FOLDER`, topics }
    }),
    ...httpSources.map(({ name, doc, topics, baseUrl }): KnownSource => {
      const url = baseUrl === undefined ? ' --url ADDRESS' : ''
      return { kind: 'http', name, doc, command: `ingest http --source ${name}${url}`, topics }
    }),
    ...pagesSources(pages).map((source): KnownSource => {
      const { name, doc } = source
      return { kind: 'pages', name, doc, command: `ingest pages --source ${name}`, topics: polledPages(source).topics }
    }),
    ...sqlSources(sql).map((source): KnownSource => {
      const { name, doc } = source
      return { kind: 'sql', name, doc, command: `ingest sql --source ${name}`, topics: topicsOf(source) }
    }),
    {
      ...{ kind: 'collect', name: COLLECT, doc: 'an endpoint for browsers and apps' },
      ...{ command: 'collect', topics: [...collectedTopics.values()] },
    },
    ...imports.map(({ name, doc, topics }): KnownSource => {
      return { kind: 'data set', name, doc, command: `import ${name}`, topics }
    }),
  ]
}
