// Product search: ranking on a labelled set of 100 queries, and time over 100,000 products; ours beside ClickHouse's functions.
//   node --import tsx bench/search/run.ts [--products 100000] [--rounds 10] [--json FILE]
// Starts a ClickHouse of its own on a free port.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createClient } from '@clickhouse/client'
import { cacheFolder } from '../../deploy/config.ts'
import { startStack } from '../../deploy/local/index.ts'
import { ProductIndex } from '../../sinks/search/index.ts'
import { quantile } from '../latency/table.ts'
import { fill, rankings } from './clickhouse.ts'
import { type LabelledProduct, type LabelledQuery, ndcg10, productsOf, queriesOf, queryKinds } from './labelled.ts'

const { values } = parseArgs({
  options: {
    products: { type: 'string', default: '100000' },
    labelled: { type: 'string', default: '4800' },
    rounds: { type: 'string', default: '10' },
    json: { type: 'string' },
  },
})

interface Engine {
  readonly name: string
  fill(products: readonly LabelledProduct[]): Promise<void>
  rank(text: string): Promise<readonly string[]>
}

function ours(): Engine {
  let index = new ProductIndex()
  return {
    name: 'Kappa: MiniSearch in memory',
    async fill(products) {
      index = new ProductIndex()
      for (const [at, { productId, name, category, listPrice, supplier }] of products.entries())
        index.put({ productId, name, category, listPrice, supplier }, at)
    },
    rank: async (text) => index.find({ text, offset: 0, limit: 10 }).hits.map(({ product }) => product.productId),
  }
}

interface Quality {
  readonly all: number
  readonly kinds: readonly (readonly [string, number])[]
}

async function quality(
  engine: Engine,
  products: readonly LabelledProduct[],
  queries: readonly LabelledQuery[],
): Promise<Quality> {
  await engine.fill(products)
  const known = new Map(products.map((product) => [product.productId, product]))
  const scores: { readonly kind: string; readonly score: number }[] = []
  for (const query of queries) {
    const ranked = (await engine.rank(query.text)).flatMap((id) => known.get(id) ?? [])
    scores.push({ kind: query.kind, score: ndcg10(query, ranked, products) })
  }
  const mean = (some: readonly { readonly score: number }[]) =>
    some.reduce((sum, { score }) => sum + score, 0) / some.length
  return {
    all: mean(scores),
    kinds: queryKinds.map((kind) => [kind, mean(scores.filter((one) => one.kind === kind))] as const),
  }
}

/** Milliseconds of a question, facets included where the engine makes them; sorted. */
async function times(
  engine: Engine,
  products: readonly LabelledProduct[],
  queries: readonly LabelledQuery[],
  rounds: number,
): Promise<readonly number[]> {
  await engine.fill(products)
  const taken: number[] = []
  for (let round = -1; round < rounds; round++)
    for (const { text } of queries) {
      const begun = performance.now()
      await engine.rank(text)
      if (round >= 0) taken.push(performance.now() - begun)
    }
  return taken.sort((a, b) => a - b)
}

const folder = mkdtempSync(join(tmpdir(), 'kappa-bench-search-'))
const stack = await startStack({
  dataFolder: folder,
  cacheFolder: cacheFolder(),
  ports: 'free',
  services: ['clickhouse'],
})
const { url, username, password } = stack.addresses.clickhouse
const client = createClient({ url, username, password })
try {
  const engines: readonly Engine[] = [
    ours(),
    ...rankings.map((ranking) => ({
      name: ranking.name,
      fill: (products: readonly LabelledProduct[]) => fill(client, products),
      rank: (text: string) => ranking.rank(client, text),
    })),
  ]
  const labelled = productsOf(Number(values.labelled))
  const queries = queriesOf(labelled, 100)
  const many = productsOf(Number(values.products))
  const found = []
  for (const engine of engines) {
    const { all, kinds } = await quality(engine, labelled, queries)
    // ClickHouse is asked less often: it takes longer.
    const taken = await times(engine, many, queries, engine === engines[0] ? Number(values.rounds) : 1)
    const [p50, p99, most] = [quantile(taken, 0.5), quantile(taken, 0.99), taken.at(-1) ?? Number.NaN]
    found.push({ engine: engine.name, ndcg10: all, kinds, p50, p99, most, questions: taken.length })
    console.log(
      `${engine.name}: NDCG@10 ${all.toFixed(3)}; over ${many.length} products p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${most.toFixed(1)} ms`,
    )
    console.log(`  ${kinds.map(([kind, score]) => `${kind} ${score.toFixed(3)}`).join(' · ')}`)
  }
  console.log(`load ${(loadavg()[0] ?? 0).toFixed(1)}, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB resident`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`)
} finally {
  await client.close()
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
}
