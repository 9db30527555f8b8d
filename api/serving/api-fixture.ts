import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AnyTopic, memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { readMarts } from '../../marts/index.ts'
import { ProductIndex } from '../../sinks/search/index.ts'
import {
  type AnyRoute,
  type ApiOptions,
  apiServer,
  type Completion,
  LiveFeed,
  liveTopics,
  routesOf,
  type Scope,
  type Store,
  scopeNames,
  Tokens,
} from './index.ts'
import type { Condition, Row, Select } from './relation.ts'

/** Every table there is, all of one version. */
class Everything extends Map<string, string> {
  readonly #missing: ReadonlySet<string>
  readonly #version: number

  constructor(missing: ReadonlySet<string>, version: number) {
    super()
    this.#missing = missing
    this.#version = version
  }

  override get(name: string): string | undefined {
    return this.#missing.has(name) ? undefined : String(this.#version)
  }
}

/** Rows in memory, by relation: filters, order and pages as ClickHouse has them. */
export class MemoryStore implements Store {
  readonly rows = new Map<string, Row[]>()
  readonly asked: Select[] = []
  version = 1
  /** Tables that are not there. */
  readonly missing = new Set<string>()
  away: Error | undefined

  async select(select: Select): Promise<readonly Row[]> {
    if (this.away) throw this.away
    this.asked.push(select)
    const { relation, where, descending, after, limit } = select
    const sign = descending ? -1 : 1
    const place = (row: Row) => relation.key.map((name) => row[name])
    return (this.rows.get(relation.name) ?? [])
      .filter((row) => where.every((condition) => fits(row, condition)))
      .sort((a, b) => sign * compared(place(a), place(b)))
      .filter((row) => after === undefined || sign * compared(place(row), after) > 0)
      .slice(0, limit)
      .map((row) => Object.fromEntries(relation.columns.map(({ name }) => [name, row[name] ?? null])))
  }

  async versions(): Promise<ReadonlyMap<string, string>> {
    if (this.away) throw this.away
    return new Everything(this.missing, this.version)
  }
}

const compared = (a: readonly unknown[], b: readonly unknown[]): number => {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as string, b[i] as string]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}

function fits(row: Row, { column, is, values }: Condition): boolean {
  const value = row[column]
  if (is === 'in') return values.includes(String(value))
  const [bound = ''] = values
  const number = typeof value === 'number' || /^-?\d+\.\d+$/.test(String(value))
  const [x, y] = number ? [Number(value), Number(bound)] : [String(value), bound]
  return is === 'least' ? x >= y : is === 'most' ? x <= y : x < y
}

export const achat = (n: number, change: Row = {}): Row => ({
  id_achat: `A-${String(n).padStart(4, '0')}-1`,
  id_commande: `A-${String(n).padStart(4, '0')}`,
  id_client: `C-${n % 3}`,
  produit: n % 2 === 0 ? 'Lampe, "grande"' : 'Éponge',
  date_achat: `2026-01-${String(1 + (n % 20)).padStart(2, '0')}T10:00:00.000Z`,
  jour: `2026-01-${String(1 + (n % 20)).padStart(2, '0')}`,
  montant: `${n}.50`,
  est_negatif: false,
  copies: 1,
  ...change,
})

/** An API over rows in memory, asked without a socket. */
export async function world(options: Pick<ApiOptions, 'origins' | 'onRefused'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-api-'))
  const store = new MemoryStore()
  const index = new ProductIndex()
  const products = { index, ready: true }
  const broker = fakeBroker({ seed: 1 })
  const registry = memoryRegistry()
  const feed = new LiveFeed({ broker, registry, topics: liveTopics, clock: systemClock })
  const minutes = new Map<string, Row>()
  const view = {
    latest: async (_: unknown, identities: readonly (readonly unknown[])[]) =>
      identities.map((identity) => minutes.get(identity.join(' '))),
  }
  const completions = new Map<string, Completion>()
  const completion = async ({ name }: AnyTopic) => completions.get(name)
  const tokens = new Tokens(join(folder, 'api', 'tokens.json'))
  const routes = routesOf({
    marts: readMarts('Europe/Paris'),
    store,
    clock: systemClock,
    products,
    feed,
    view,
    completion,
  })
  const failures: unknown[] = []
  const app = await apiServer({ routes, tokens, onError: (thrown) => failures.push(thrown), ...options })
  const every = tokens.create({ name: 'tests', scopes: scopeNames })
  return {
    ...{ store, minutes, completions, index, products, broker, registry, feed, tokens, routes, app, failures, folder },
    token: (...scopes: Scope[]) => tokens.create({ name: 'some', scopes }),
    /** GET with a token of every scope, unless said otherwise. */
    get: (url: string, headers: Readonly<Record<string, string>> = {}) =>
      app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${every}`, ...headers } }),
    routeOf: (path: string): AnyRoute => {
      const found = routes.find((route) => route.path === path)
      if (found === undefined) throw new Error(`there is no ${path}`)
      return found
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
