// Recommendations on a time split of the retailer's year: popularity, ours, and PyPI `implicit` on the same split.
//   node --import tsx bench/recommendations/run.ts [--cut 2017-11-01] [--until 2018-01-02] [--settings '{"factors":32}'] [--only kappa,implicit]
// --settings: instead of ours, for looking for better ones (with an earlier --cut and --until, so that the test stays unseen).
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import {
  type AlsSettings,
  best,
  defaultSettings,
  mostBought,
  scoresOf,
  trained,
} from '../../models/recommendations/index.ts'
import { count, mostFrequent, noCounters } from '../../processors/recommendations/neighbours.ts'
import { type ImplicitSettings, implicitLists, pythonWithImplicit } from './implicit.ts'
import { measured, NDCG } from './measures.ts'
import { type Split, splitAt } from './split.ts'

const { values } = parseArgs({
  options: {
    cut: { type: 'string', default: '2017-11-01' },
    until: { type: 'string', default: '2018-01-02' },
    settings: { type: 'string', default: '{}' },
    only: { type: 'string' },
  },
})

interface Lists {
  readonly name: string
  readonly seconds: number
  readonly fresh: readonly ArrayLike<number>[]
  readonly later: readonly ArrayLike<number>[]
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function popularity({ bought }: Split): Lists {
  const columnOf = new Map(bought.products.map((id, column) => [id, column]))
  const counts = new Float64Array(bought.products.length)
  for (const { productId, households } of mostBought(bought, Number.POSITIVE_INFINITY))
    counts[columnOf.get(productId) ?? 0] = households
  const everybody = best(counts, NDCG).columns
  return {
    ...{ name: 'popularity', seconds: 0 },
    fresh: bought.households.map((_, row) => best(counts, NDCG, { matrix: bought.matrix, row }).columns),
    later: bought.households.map(() => everybody),
  }
}

/** What the processor counts, by the code that it runs: the twenty most frequent beside each, weighed by cosine. */
function related({ bought, baskets }: Split): Lists {
  const began = cpuSeconds()
  const columnOf = new Map(bought.products.map((id, column) => [id, column]))
  const beside = bought.products.map(() => ({ baskets: 0, others: noCounters() }))
  for (const basket of baskets)
    for (const product of basket) {
      const own = beside[columnOf.get(product) ?? -1]
      if (own === undefined) continue
      own.baskets += 1
      for (const other of basket) if (other !== product) count(own.others, other, 256)
    }
  const lists = beside.map(({ baskets: times, others }) =>
    mostFrequent(others, 20, 2).map(({ id, times: together }) => {
      const column = columnOf.get(id) ?? 0
      return { column, cosine: together / Math.sqrt(times * (beside[column]?.baskets ?? 1)) }
    }),
  )
  const seconds = cpuSeconds() - began
  const { starts, at } = bought.matrix
  const scored = bought.households.map((_, row) => {
    const scores = new Float64Array(bought.products.length)
    for (const column of at.subarray(starts[row], starts[row + 1]))
      for (const one of lists[column] ?? []) scores[one.column] = (scores[one.column] as number) + one.cosine
    return [best(scores, NDCG, { matrix: bought.matrix, row }).columns, best(scores, NDCG).columns] as const
  })
  return { name: 'related products', seconds, fresh: scored.map(([a]) => a), later: scored.map(([, b]) => b) }
}

async function ours({ bought }: Split, settings: AlsSettings): Promise<Lists> {
  const began = cpuSeconds()
  const model = await trained(bought, settings)
  const seconds = cpuSeconds() - began
  console.log(`model ${model.version}, loss ${model.factors.loss}`)
  const scores = new Float64Array(bought.products.length)
  const lists = (known: boolean) =>
    bought.households.map((_, row) => {
      scoresOf(model.factors, row, scores)
      return best(scores, NDCG, known ? undefined : { matrix: bought.matrix, row }).columns
    })
  return { name: `Kappa ${said(settings)}`, seconds, fresh: lists(false), later: lists(true) }
}

/** `implicit` takes its matrix, times its alpha, for the confidences themselves. */
async function theirs(
  { bought }: Split,
  confidence: (times: number) => number,
  settings: ImplicitSettings,
): Promise<Lists> {
  const matrix = { ...bought.matrix, times: bought.matrix.times.map(confidence) }
  const { version, ...lists } = await implicitLists(await pythonWithImplicit(), matrix, settings)
  return { name: `implicit ${version} ${said(settings)}`, ...lists }
}

const said = (settings: object): string => JSON.stringify(settings).replaceAll('"', '')

const split = await splitAt(values.cut, values.until)
const { households, products, matrix } = split.bought
console.log(
  `${households.length} households, ${products.length} products, ${matrix.at.length} pairs before ${values.cut}`,
)
const settings: AlsSettings = { ...defaultSettings, ...JSON.parse(values.settings) }
const { factors, regularization, alpha, iterations, seed } = settings
const same: ImplicitSettings = { factors, regularization, iterations, alpha: 1, random_state: seed }
const asItComes: ImplicitSettings = { factors: 100, regularization: 0.01, alpha: 1, iterations: 15, random_state: seed }
const contenders: Readonly<Record<string, () => Promise<Lists> | Lists>> = {
  popularity: () => popularity(split),
  related: () => related(split),
  kappa: () => ours(split, settings),
  implicit: () => theirs(split, (times) => 1 + alpha * Math.sqrt(times), same),
  'implicit-defaults': () => theirs(split, (times) => times, asItComes),
}
const wanted = values.only === undefined ? Object.keys(contenders) : values.only.split(',')
console.log('| | recall@20, new | NDCG@100, new | recall@20, all | NDCG@100, all | CPU s |\n|---|---|---|---|---|---|')
for (const which of wanted) {
  const contender = contenders[which]
  if (contender === undefined) throw new Error(`--only ${which}: known are ${Object.keys(contenders).join(', ')}`)
  const { name, seconds, fresh, later } = await contender()
  const [a, b] = [measured(fresh, split.fresh), measured(later, split.later)]
  const figures = [a.recall20, a.ndcg100, b.recall20, b.ndcg100].map((figure) => figure.toFixed(4))
  console.log(`| ${name} | ${figures.join(' | ')} | ${seconds.toFixed(1)} |`)
}
console.log(
  `${measured([], split.fresh).households} households bought something new, ${measured([], split.later).households} anything; load ${loadavg()[0]?.toFixed(1)}`,
)
