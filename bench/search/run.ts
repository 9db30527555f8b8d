// Product search: ranking on a labelled set of 100 queries, and time over 100,000 products; ours beside ClickHouse's functions.
//   node --import tsx bench/search/run.ts [--products 100000] [--rounds 10] [--only ClickHouse] [--json FILE]
// Starts a ClickHouse of its own on a free port, where that is asked for; --only takes the beginning of engines' names.
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
import { miniSearch } from './minisearch.ts'

const { values } = parseArgs({
  options: {
    products: { type: 'string', default: '100000' },
    labelled: { type: 'string', default: '4800' },
    rounds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
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
    name: 'Kappa',
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

interface Taken {
  /** Milliseconds by the clock; sorted. */
  readonly wall: readonly number[]
  /** Of this process; sorted. A machine that is shared does not show in it. */
  readonly cpu: readonly number[]
}

/** Of questions one after the other, facets included where the engine makes them. */
async function times(
  engine: Engine,
  products: readonly LabelledProduct[],
  queries: readonly LabelledQuery[],
  rounds: number,
): Promise<Taken> {
  await engine.fill(products)
  const [wall, cpu]: [number[], number[]] = [[], []]
  for (let round = -1; round < rounds; round++)
    for (const { text } of queries) {
      const begun = performance.now()
      const before = process.cpuUsage()
      await engine.rank(text)
      const { user, system } = process.cpuUsage(before)
      if (round < 0) continue
      wall.push(performance.now() - begun)
      cpu.push((user + system) / 1_000)
    }
  const rising = (a: number, b: number) => a - b
  return { wall: wall.sort(rising), cpu: cpu.sort(rising) }
}

/** Runs with the engines that are asked for. */
async function withEngines(work: (engines: readonly Engine[]) => Promise<void>): Promise<void> {
  const inMemory = [ours(), miniSearch('AND'), miniSearch('OR')].filter(({ name }) => name.startsWith(values.only))
  if (!rankings.some(({ name }) => name.startsWith(values.only))) return work(inMemory)
  const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-bench-search-'))
  const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['clickhouse'] })
  const { url, username, password } = stack.addresses.clickhouse
  const client = createClient({ url, username, password })
  try {
    const asked = rankings
      .filter(({ name }) => name.startsWith(values.only))
      .map((ranking) => ({
        name: ranking.name,
        fill: (products: readonly LabelledProduct[]) => fill(client, products),
        rank: (text: string) => ranking.rank(client, text),
      }))
    await work([...inMemory, ...asked])
  } finally {
    await client.close()
    await stack.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

const OTHERS = 30
const labelled = productsOf(Number(values.labelled))
const queries = queriesOf(labelled, 100)
const many = productsOf(Number(values.products))
await withEngines(async (engines) => {
  const found = []
  for (const engine of engines) {
    const { all, kinds } = await quality(engine, labelled, queries)
    // The others are asked less often: they take longer.
    const own = engine.name === 'Kappa'
    const taken = await times(engine, many, own ? queries : queries.slice(0, OTHERS), own ? Number(values.rounds) : 1)
    const told = ({ wall, cpu }: Taken) =>
      [wall, cpu].map((all) => ({ p50: quantile(all, 0.5), p99: quantile(all, 0.99), most: all.at(-1) ?? Number.NaN }))
    const [wall, cpu] = told(taken)
    found.push({ engine: engine.name, ndcg10: all, kinds, wall, cpu, questions: taken.wall.length })
    const text = (of: typeof wall) =>
      of === undefined ? '' : `p50 ${of.p50.toFixed(1)}, p99 ${of.p99.toFixed(1)}, most ${of.most.toFixed(1)} ms`
    const time = `${text(wall)} (own CPU ${text(cpu)})`
    console.log(
      `${engine.name}: NDCG@10 ${all.toFixed(3)}; over ${many.length} products ${time}, ${taken.wall.length} questions`,
    )
    console.log(`  ${kinds.map(([kind, score]) => `${kind} ${score.toFixed(3)}`).join(' · ')}`)
  }
  const resident = process.memoryUsage().rss / 2 ** 20
  console.log(`load ${(loadavg()[0] ?? 0).toFixed(1)}, ${resident.toFixed(0)} MB resident`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(found, undefined, 2)}\n`)
})
