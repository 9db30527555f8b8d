import type { CatalogueItem } from '#schemas'

/** What the tests of silver rules tell their processors. */
export const START = Date.UTC(2025, 0, 1)
export const DAY = 86_400_000

export const item = (productId: string, listPrice: bigint): CatalogueItem => ({
  ...{ productId, name: productId, category: 'toys', listPrice, unitCost: 1n },
  ...{ supplier: 'Bovary', warehouse: 'Lyon', validFrom: START },
})

/** The latest row of each identity, as a table of upserts has it. */
export function latest<R extends object>(rows: readonly R[], id: readonly (keyof R)[]): Map<string, R> {
  const found = new Map<string, R>()
  for (const one of rows) found.set(id.map((column) => String(one[column])).join('|'), one)
  return found
}
