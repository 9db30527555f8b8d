import type { Broker, KafkaRecord } from '#engine/broker'
import { recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type Deployment, generationTopic } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import type { Plan, Row } from '#engine/topology'
import { identityIn } from './touched.ts'
import type { Settleable } from './unlimited.ts'

export type Own = Settleable & { readonly corrections: AnyTopic }

export interface LedgerOptions {
  readonly broker: Broker
  readonly plan: Plan
  readonly deployment: Deployment
}

/** Rows made anew. */
export interface Anew {
  /** By identity: what a row comes to with unlimited grace. */
  readonly rows: ReadonlyMap<string, Row>
  /** Identities that late events are of. */
  readonly touched: ReadonlySet<string>
  readonly read: number
}

type Batches = Iterable<readonly KafkaRecord[]> | AsyncIterable<readonly KafkaRecord[]>

/** The latest row of each identity, in the order given. */
export async function latestRows(
  { deployment }: LedgerOptions,
  topic: AnyTopic,
  batches: Batches,
  keep: (row: Row) => boolean = () => true,
): Promise<Map<string, Row>> {
  const decoder = deployment.registry.decoder(topic)
  const rows = new Map<string, Row>()
  for await (const records of batches)
    for (const { value } of records) {
      if (value === null) continue
      const id = decoder.idOf(value)
      if (!decoder.knows(id)) await decoder.learn(id)
      const row = decoder.decode(value) as Row
      if (keep(row)) rows.set(identityIn(topic, row), row)
    }
  return rows
}

/** Every committed record of a topic; those of transactions that are just ending, too. */
export async function* recordsOf({ broker }: LedgerOptions, topic: string): AsyncGenerator<readonly KafkaRecord[]> {
  if (!(await broker.admin.topics()).has(topic)) return
  const beginnings = await broker.admin.beginnings(topic)
  const ends = await broker.admin.settledEnds(topic)
  yield* recordsBetween(broker, topic, new Map(beginnings.entries()), new Map(ends.entries()))
}

/** What is missing in the ledger and the corrections together. */
export async function differences(options: LedgerOptions, own: Own, anew: Anew) {
  const rows: Row[] = []
  const unknown: string[] = []
  if (anew.touched.size === 0) return { rows, unknown }
  const ledger = await ledgerOf(options, anew.touched)
  const { sums, latest } = await postedOf(options, own)
  for (const identity of [...anew.touched].sort()) {
    const row = anew.rows.get(identity)
    const published = ledger.rows.get(identity)
    if (row === undefined) continue
    if (published === undefined && ledger.isCut) {
      unknown.push(identity)
      continue
    }
    const before = latest.get(identity)
    const number = Number(before?.number ?? 0) + 1
    const difference = differenceOf(own.columns, row, published, sums.get(identity))
    const now = before ?? published
    const isReplaced = own.replaced.some((column) => !Object.is(row[column] ?? null, now?.[column] ?? null))
    if (difference === undefined && !isReplaced) continue
    // In place of others stands what the row comes to; what is added up is what is missing.
    const zero = Object.fromEntries(own.columns.map((column) => [column, zeroOf(row[column])]))
    rows.push({ ...row, ...(difference ?? zero), correctionId: `${own.plan.name}/${identity}/${number}`, number })
  }
  return { rows, unknown }
}

/** What was published of these rows: on the live topic, or by a promoted replay in their stead. */
async function ledgerOf(options: LedgerOptions, touched: ReadonlySet<string>) {
  const { plan, deployment, broker } = options
  const { destination } = plan
  const isTouched = (row: Row): boolean => touched.has(identityIn(destination, row))
  const { name } = destination
  const made = deployment.generation === 1 ? [] : [generationTopic(name, deployment.generation)]
  const rows = new Map<string, Row>()
  for (const topic of [name, ...made])
    for (const [identity, row] of await latestRows(options, destination, recordsOf(options, topic), isTouched))
      rows.set(identity, row)
  const isCut = (await broker.admin.beginnings(name)).some((beginning) => beginning > 0)
  return { rows, isCut }
}

/** What earlier corrections come to, and the last one of each row. */
async function postedOf(options: LedgerOptions, { columns, corrections, plan }: Own) {
  const sums = new Map<string, Row>()
  const latest = new Map<string, Row>()
  const rows = await latestRows(options, corrections, recordsOf(options, corrections.name))
  for (const row of rows.values()) {
    const identity = identityIn(plan.destination, row)
    const known = sums.get(identity) ?? {}
    sums.set(
      identity,
      Object.fromEntries(columns.map((column) => [column, plus(known[column] ?? zeroOf(row[column]), row[column])])),
    )
    if (Number(row.number) > Number(latest.get(identity)?.number ?? 0)) latest.set(identity, row)
  }
  return { sums, latest }
}

/** What is missing in each column; undefined where nothing is. */
function differenceOf(columns: readonly string[], row: Row, ...has: readonly (Row | undefined)[]): Row | undefined {
  const difference: Row = {}
  for (const column of columns) {
    let rest = row[column]
    for (const one of has) if (one !== undefined) rest = plus(rest, negative(one[column]))
    difference[column] = rest
  }
  return columns.every((column) => Number(difference[column]) === 0) ? undefined : difference
}

const plus = (a: unknown, b: unknown): unknown => {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b
  if (typeof a === 'number' && typeof b === 'number') return a + b
  throw new KappaError('STATE_MISMATCH', `adding ${typeof a} to ${typeof b}: a row and its correction differ in type`)
}
const negative = (value: unknown): unknown =>
  typeof value === 'bigint' ? -value : typeof value === 'number' ? -value : value
const zeroOf = (value: unknown): unknown => (typeof value === 'bigint' ? 0n : 0)
