import { type Topic, topic } from '#engine/schema'

/** Small topics for the tests of compiled stages. */
export interface Sale {
  readonly saleId: string
  readonly store: string
  readonly currency: string
  readonly status: 'PAID' | 'REFUSED'
  readonly amount: bigint
  readonly items: number
  readonly weight: number | null
  readonly soldAt: number
}

type Json = Record<string, unknown>
const time = (name: string): Json => ({ name, type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' })
const text = (name: string, more: Json = {}): Json => ({ name, type: 'string', doc: 'Text.', ...more })
const long = (name: string): Json => ({ name, type: 'long', doc: 'A number.' })
const nullable = (name: string, type: string): Json => ({ name, type: ['null', type], default: null, doc: 'Maybe.' })
const money = (name: string, more: Json = {}): Json => ({
  name,
  type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 },
  doc: 'Money.',
  ...more,
})
export const field = { time, text, long, nullable, money }

/** A topic of a contract in short form. */
export function made<V>(name: string, terms: Json, fields: readonly Json[]): Topic<V> {
  const record = name.replace(/\W+v\d+$/, '').replace(/(?:^|\W)(\w)/g, (_all, letter: string) => letter.toUpperCase())
  return topic<V>({
    type: 'record',
    name: record,
    namespace: 'trade',
    doc: 'For tests.',
    topic: { name, kind: 'facts', id: [], partitions: 4, retention: 'forever', owner: 'tests', ...terms },
    fields,
  })
}

export const saleFields = [
  text('saleId'),
  text('store'),
  text('currency', { rule: { pattern: '^[A-Z]{3}$' } }),
  { name: 'status', type: { type: 'enum', name: 'Status', symbols: ['PAID', 'REFUSED'] }, doc: 'Paid?' },
  money('amount', { rule: { min: 0 } }),
  long('items'),
  nullable('weight', 'double'),
  time('soldAt'),
]

/** Keyed by the sale: grouping by store needs a re-key. */
export const sales = made<Sale>('trade.sales.v1', { key: 'saleId', time: 'soldAt' }, saleFields)
/** Keyed by store: grouping by store does not. */
export const storeSales = made<Sale>('trade.store-sales.v1', { key: 'store', time: 'soldAt' }, saleFields)

export interface SalesPerMinute {
  readonly store: string
  readonly currency: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly orders: number
  readonly revenue: bigint
}

export const salesPerMinute = made<SalesPerMinute>(
  'trade.sales-per-minute.v1',
  { kind: 'results', key: ['store', 'currency'], time: 'windowStart', id: ['store', 'currency', 'windowStart'] },
  [text('store'), text('currency'), time('windowStart'), time('windowEnd'), long('orders'), money('revenue')],
)

export interface Statistics {
  readonly store: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly sales: number
  readonly total: number
  readonly meanWeight: number | null
  readonly least: number | null
  readonly most: bigint
  readonly firstSale: string
  readonly lastSale: string
  readonly meanAmount: number
}

const double = (name: string): Json => ({ name, type: 'double', doc: 'A number.' })

export const statistics = made<Statistics>(
  'trade.statistics.v1',
  { kind: 'results', key: 'store', time: 'windowStart', id: ['store', 'windowStart'] },
  [
    text('store'),
    time('windowStart'),
    time('windowEnd'),
    long('sales'),
    double('total'),
    nullable('meanWeight', 'double'),
    nullable('least', 'double'),
    money('most'),
    text('firstSale'),
    text('lastSale'),
    double('meanAmount'),
  ],
)

/** 2025-01-01T00:00:00Z */
export const NEW_YEAR = 1_735_689_600_000

export const sale = (change: Partial<Sale> = {}): Sale => ({
  saleId: 's1',
  store: 'north',
  currency: 'EUR',
  status: 'PAID',
  amount: 1000n,
  items: 1,
  weight: null,
  soldAt: NEW_YEAR,
  ...change,
})
