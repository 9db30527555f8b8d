/** A small contract for tests: one field of every kind. Each test spreads what it changes. */
export type Json = Record<string, unknown>

export interface Order {
  readonly orderId: string
  readonly total: bigint
  readonly status: 'OPEN' | 'PAID'
  readonly paid: boolean
  readonly lines: number
  readonly version: number
  readonly weight: number
  readonly photo: Buffer
  readonly tags: readonly string[]
  readonly due: number
  readonly note: string | null
  readonly discount: bigint | null
  readonly placedAt: number
}

export const orderFields: Readonly<Record<keyof Order, Json>> = {
  orderId: { name: 'orderId', type: 'string', doc: 'The order.', rule: { notEmpty: true, pattern: '^o' } },
  total: {
    name: 'total',
    type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 },
    doc: 'Money.',
    rule: { min: 0.5, max: 100 },
  },
  status: { name: 'status', type: { type: 'enum', name: 'Status', symbols: ['OPEN', 'PAID'] }, doc: 'State.' },
  paid: { name: 'paid', type: 'boolean', doc: 'Whether paid.' },
  lines: { name: 'lines', type: 'int', doc: 'Lines.', rule: { min: 1 } },
  version: { name: 'version', type: 'long', doc: 'Version.' },
  weight: { name: 'weight', type: 'double', doc: 'Kilograms.' },
  photo: { name: 'photo', type: 'bytes', doc: 'Picture.' },
  tags: { name: 'tags', type: { type: 'array', items: 'string' }, doc: 'Tags.' },
  due: { name: 'due', type: { type: 'int', logicalType: 'date' }, doc: 'Due on.' },
  note: { name: 'note', type: ['null', 'string'], default: null, doc: 'Note.' },
  discount: {
    name: 'discount',
    type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 3 }],
    default: null,
    doc: 'Money off.',
  },
  placedAt: { name: 'placedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' },
}

export const orderTerms: Json = {
  name: 'trade.orders.v1',
  kind: 'facts',
  key: 'orderId',
  time: 'placedAt',
  id: ['orderId'],
  partitions: 6,
  retention: '10 days',
  owner: 'sales',
}

/** The contract's JSON with other terms, fields replaced by name (undefined: taken away), and fields added in front. */
export function orderContract(
  change: {
    terms?: Json
    fields?: Readonly<Record<string, Json | undefined>>
    added?: readonly Json[]
    record?: Json
  } = {},
): Json {
  const fields = Object.entries(orderFields).flatMap(([name, field]) => {
    const changed = change.fields && name in change.fields ? change.fields[name] : field
    return changed === undefined ? [] : [changed]
  })
  return {
    type: 'record',
    name: 'Order',
    namespace: 'trade',
    doc: 'An order.',
    topic: { ...orderTerms, ...change.terms },
    fields: [...(change.added ?? []), ...fields],
    ...change.record,
  }
}

export const order: Order = {
  orderId: 'o1',
  total: 1999n,
  status: 'PAID',
  paid: true,
  lines: 2,
  version: 4_503_599_627_370_495,
  weight: 0.5,
  photo: Buffer.from([1, 2]),
  tags: ['a', 'b'],
  due: 20_000,
  note: null,
  discount: -12_345_678_901_234_567_890n,
  placedAt: 1_735_689_600_000,
}
