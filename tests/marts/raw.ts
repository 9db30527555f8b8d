import { createTable } from '#engine/schema'
import {
  type Achat,
  achats,
  type CatalogueItem,
  type Client,
  catalogueItems,
  households,
  maskedClients,
  type PurchaseLine,
  products,
  purchaseLines,
  revenuePerDay,
} from '#schemas'
import { domains, eventsOf, World, worldOptionsOf } from '../../producers/world/index.ts'
import { insert } from './insert.ts'
import { type MarketingRaw, marketingOf } from './marketing-raw.ts'

/** What the retailer's tables hold: a made-up year and more, and by hand what no generator would make. */
export interface Raw extends MarketingRaw {
  readonly clients: readonly { readonly idClient: string; readonly dateInscription: number; readonly pays: string }[]
  readonly achats: readonly Achat[]
  readonly items: readonly CatalogueItem[]
  readonly lines: readonly PurchaseLine[]
  readonly products: readonly {
    readonly productId: number
    readonly department: string | null
    readonly brand: string
  }[]
  readonly households: readonly { readonly householdId: number; readonly age: string | null }[]
}

const FLAGS = { mode: 'batch', startDate: '2024-12-28', worldStart: '2024-12-28', eventsPerDay: '900', seed: '7' }

export function rawRows(endDate = '2026-01-20'): Raw {
  const options = worldOptionsOf({ ...FLAGS, endDate, initialCustomers: '120', tables: true, to: 'stdout' })
  if (options.mode !== 'batch') throw new Error('not a batch')
  const { settings, start } = options
  const clients: Client[] = []
  const bought: Achat[] = []
  const items: CatalogueItem[] = []
  const ventes = domains.filter(({ name }) => name === 'ventes')
  const inventory = domains.filter(({ name }) => name === 'inventory')
  const world = new World(settings)
  for (const events of eventsOf(world, { ...options, domains: ventes }))
    for (const { topic, value } of events)
      if (topic === achats) bought.push(value as Achat)
      else clients.push(value as Client)
  for (const domain of inventory)
    for (const { topic, value } of domain.before?.(world, start + 1) ?? [])
      if (topic === catalogueItems) items.push(value as CatalogueItem)
  const marketing = marketingOf(world, start + options.days * 86_400_000)
  return { clients, achats: [...bought, ...strange(bought)], items: items.slice(3), ...stores(), ...marketing }
}

/** Some lines of the stores: products 0 to 9 of which 0 is in no table, households 0 to 4 of which 0 told nothing. */
function stores(): Pick<Raw, 'lines' | 'products' | 'households'> {
  const lines = Array.from({ length: 200 }, (_, i) => ({
    householdId: i % 4,
    storeId: 7,
    basketId: Math.floor(i / 3),
    productId: (i * i) % 10,
    quantity: (i % 7) - 1,
    salesValue: BigInt((i * 37) % 1_000),
    retailDiscount: BigInt(i % 3),
    couponDiscount: 1n,
    couponMatchDiscount: 0n,
    week: 1,
    purchasedAt: Date.parse('2017-01-01T05:00:00Z') + i * 1_801_000,
  }))
  return {
    lines,
    products: Array.from({ length: 9 }, (_, i) => ({
      productId: i + 1,
      department: i === 0 ? null : `D${i % 3}`,
      brand: 'National',
    })),
    households: [1, 2, 3, 4].map((householdId) => ({ householdId, age: householdId === 1 ? null : '45-54' })),
  }
}

/** Orders without a customer, customers and products that no table has, amounts below zero, lines that come twice. */
function strange(bought: readonly Achat[]): readonly Achat[] {
  const last = bought.at(-1)
  const first = bought[0]
  if (first === undefined || last === undefined) throw new Error('the world sold nothing')
  const one = (number: number, changed: Partial<Achat>): Achat => ({ ...last, idAchat: `X${number}-1`, ...changed })
  return [
    one(1, { idClient: 'C-nobody', montant: 1234n }),
    one(2, { idClient: '', montant: 5678n }),
    one(3, { produit: 'Sold nowhere', montant: 99n }),
    one(4, { produit: '', montant: 1n }),
    one(5, { idClient: first.idClient, produit: first.produit, montant: -first.montant }),
    // The sums of a customer and of a country fall below zero.
    one(6, { idClient: 'C-returns', montant: -100_000n }),
    { ...first, montant: first.montant + 500n },
    { ...last },
    // The hour that comes twice, the edge of a local year, an ISO week of the year before.
    ...['2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z', '2025-12-31T22:59:59.999Z', '2025-12-31T23:00:00Z'].map(
      (at, i) => one(10 + i, { dateAchat: Date.parse(at), montant: 7n }),
    ),
    one(20, { dateAchat: Date.parse('2025-01-05T22:59:59Z') }),
    one(21, { dateAchat: Date.parse('2025-01-05T23:00:00Z') }),
  ]
}

/** The statements that bring the rows in, each behind what it needs. */
export function* statementsOf(raw: Raw): Generator<string> {
  const { clients, achats: bought, items } = raw
  const topics = [achats, maskedClients, catalogueItems, purchaseLines, products, households, revenuePerDay]
  for (const topic of topics) yield* createTable(topic)
  yield insert(
    maskedClients,
    clients.map(({ idClient, dateInscription, pays }) => ({ idClient, dateInscription, pays })),
  )
  yield insert(achats, bought)
  yield insert(catalogueItems, items)
  yield insert(purchaseLines, raw.lines)
  yield insert(products, raw.products)
  yield insert(households, raw.households)
}
