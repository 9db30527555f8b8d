import { createHash } from 'node:crypto'
import { type AlsSettings, alternatingLeastSquares, type Factors, type Pulse } from './als.ts'
import { type Bought, mostBought, type Popular } from './bought.ts'
import { best, scoresOf } from './ranking.ts'

/** Found on September and October of the retailer's year, given what came before (docs/decisions/0031). */
export const defaultSettings: AlsSettings = { factors: 64, regularization: 45, alpha: 1, iterations: 15, seed: 7 }

/** Products of a household's row. */
export const MOST_RECOMMENDED = 50
const MOST_POPULAR = 50

export interface Model {
  /** Digest of purchases, settings and factors: another bit anywhere is another version. */
  readonly version: string
  readonly settings: AlsSettings
  readonly bought: Bought
  readonly factors: Factors
  readonly popular: readonly Popular[]
}

/** Trains a model. The same baskets and settings give the same bytes, on any machine. */
export async function trained(bought: Bought, settings: AlsSettings, pulse?: Pulse): Promise<Model> {
  const factors = await alternatingLeastSquares(bought.matrix, settings, pulse)
  return {
    version: versionOf(bought, settings, factors),
    settings,
    bought,
    factors,
    popular: mostBought(bought, MOST_POPULAR),
  }
}

function versionOf({ households, products, matrix }: Bought, settings: AlsSettings, factors: Factors): string {
  const { factors: count, regularization, alpha, iterations, seed } = settings
  const hash = createHash('sha256').update(JSON.stringify([count, regularization, alpha, iterations, seed]))
  const columns = [Float64Array.from(households), Float64Array.from(products), matrix.starts, matrix.at, matrix.times]
  for (const { buffer, byteOffset, byteLength } of [...columns, factors.households, factors.products])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return `als-${hash.digest('hex').slice(0, 12)}`
}

export interface Recommended {
  readonly householdId: number
  readonly products: readonly number[]
  readonly scores: readonly number[]
}

/** What each household that the model knows may like and has not bought, the best first. */
export function* recommendationsOf({ bought, factors }: Model, most = MOST_RECOMMENDED): Generator<Recommended> {
  const scores = new Float64Array(bought.products.length)
  for (const [row, householdId] of bought.households.entries()) {
    const ranked = best(scoresOf(factors, row, scores), most, { matrix: bought.matrix, row })
    yield { householdId, products: ranked.columns.map((column) => bought.products[column] ?? 0), scores: ranked.scores }
  }
}
