import { type Broker, headerOf, type KafkaRecord } from '#engine/broker'
import { recordsBetween } from '#engine/delivery'
import { progressOf, sourcePositions } from '#engine/replay'
import { type Deployment, names } from '#engine/runtime'
import { type AnyTopic, type Decoder, decimalText, type Registry } from '#engine/schema'
import { type InputPlan, type Plan, type Row, unchanged } from '#engine/topology'
import type { Processor } from '../../processors.ts'

/** Events, and what they would add to the sums of the table: exact text for decimals. */
export interface Amounts {
  readonly events: number
  /** Of these, so many do not decode: their amounts are not known. */
  readonly unread: number
  /** By column; only sums of fields that come from the event unchanged. */
  readonly amounts: Readonly<Record<string, string>>
}

/** What is not in the figures of a table of results. */
export interface Money {
  readonly late: Amounts
  readonly rejected: Amounts
  /** In the topics, and not taken yet; those that a `where` of the plan leaves out are none of them. */
  readonly pending: Amounts
  /** What kappa settle posted of what was late; null where it cannot. */
  readonly corrected: Amounts | null
}

/** Counts and sums the events that a processor left out, from their own bytes. */
export async function moneyOf(
  { plan, corrections }: Processor,
  deployment: Deployment,
  broker: Broker,
): Promise<Money> {
  const { registry } = deployment
  const aside = async (topic: string): Promise<Amounts> => {
    const sum = new MoneySum(plan, registry)
    for await (const records of all(broker, topic))
      for (const record of records) await sum.add(headerOf(record.headers, 'topic')?.toString() ?? '', record.value)
    return sum.amounts
  }
  return {
    late: await aside(names.late(deployment)),
    rejected: await aside(names.deadLetter(deployment)),
    pending: await pendingOf(plan, deployment, broker),
    corrected: corrections === undefined ? null : await correctedOf(plan, corrections, registry, broker),
  }
}

async function pendingOf(plan: Plan, deployment: Deployment, broker: Broker): Promise<Amounts> {
  const sum = new MoneySum(plan, deployment.registry)
  const positions = await sourcePositions(broker, await progressOf(broker, deployment))
  for (const topic of new Set(plan.inputs.map((input) => input.topic.name)))
    for await (const records of all(broker, topic, positions[topic]))
      for (const { value } of records) await sum.add(topic, value, true)
  return sum.amounts
}

async function correctedOf(plan: Plan, topic: AnyTopic, registry: Registry, broker: Broker): Promise<Amounts> {
  // Counts and sums: what stands in place of a mean or an extreme adds up to nothing.
  const made = plan.operator?.kind === 'window' ? Object.entries(plan.operator.columns) : []
  const columns = made.flatMap(([name, { kind }]) => (kind === 'count' || kind === 'sum' ? [name] : []))
  const sum = new Sums()
  const decoder = registry.decoder(topic)
  for await (const records of all(broker, topic.name))
    for (const { value } of records) {
      const row = await decoded(decoder, value)
      if (row === undefined) continue
      sum.events++
      for (const column of columns) sum.add(column, row[column], scaleOf(topic, column))
    }
  return sum.amounts
}

/** Everything committed behind these positions; of a topic that is not there, nothing. */
async function* all(
  broker: Broker,
  topic: string,
  from: readonly number[] = [],
): AsyncGenerator<readonly KafkaRecord[]> {
  if (!(await broker.admin.topics()).has(topic)) return
  const ends = await broker.admin.committedEnds(topic)
  const beginnings = await broker.admin.beginnings(topic)
  const first = beginnings.map(
    (beginning, partition) => [partition, Math.max(beginning, from[partition] ?? 0)] as const,
  )
  yield* recordsBetween(broker, topic, new Map(first), new Map(ends.entries()))
}

class Sums {
  events = 0
  unread = 0
  readonly #sums = new Map<string, { total: bigint | number; readonly scale: number }>()

  add(column: string, value: unknown, scale: number): void {
    if (typeof value !== 'bigint' && typeof value !== 'number') return
    const known = this.#sums.get(column)
    if (known === undefined) this.#sums.set(column, { total: value, scale })
    else if (typeof known.total === 'bigint' && typeof value === 'bigint') known.total += value
    else if (typeof known.total === 'number' && typeof value === 'number') known.total += value
  }

  get amounts(): Amounts {
    const told = [...this.#sums].map(([column, { total, scale }]) => [
      column,
      typeof total === 'bigint' ? decimalText(total, scale) : String(total),
    ])
    return { events: this.events, unread: this.unread, amounts: Object.fromEntries(told) }
  }
}

/** One input of the plan: how its events are read, which `where` they have to meet, and which field goes to which column. */
interface Source {
  readonly decoder: Decoder<Row>
  readonly where: readonly (readonly [field: string, values: readonly unknown[]])[]
  readonly columns: readonly (readonly [column: string, field: string, scale: number])[]
}

class MoneySum {
  readonly #sums = new Sums()
  readonly #sources: ReadonlyMap<string, Source>

  constructor(plan: Plan, registry: Registry) {
    this.#sources = new Map(plan.inputs.map((input) => [input.topic.name, sourceOf(plan, input, registry)]))
  }

  get amounts(): Amounts {
    return this.#sums.amounts
  }

  /** @param matching what a `where` leaves out is not counted: what is aside has met it already, or was never asked */
  async add(topic: string, value: Buffer | null, matching = false): Promise<void> {
    const source = this.#sources.get(topic)
    const row = source && (await decoded(source.decoder, value))
    if (source && row && matching && !source.where.every(([field, values]) => values.includes(row[field]))) return
    this.#sums.events++
    if (source === undefined || row === undefined) this.#sums.unread++
    else for (const [column, field, scale] of source.columns) this.#sums.add(column, row[field], scale)
  }
}

function sourceOf(plan: Plan, input: InputPlan, registry: Registry): Source {
  const { topic, steps } = input
  const summed = plan.operator?.kind === 'window' ? Object.entries(plan.operator.columns) : []
  const columns = summed.flatMap(([column, aggregate]) => {
    const field = aggregate.kind === 'sum' ? unchanged(input, steps.length, aggregate.field) : undefined
    return field === undefined ? [] : [[column, field, scaleOf(topic, field)] as const]
  })
  const where = steps.flatMap((step, at) =>
    step.kind !== 'where'
      ? []
      : Object.entries(step.match).flatMap(([name, values]) => {
          const field = unchanged(input, at, name)
          return field === undefined ? [] : [[field, values] as const]
        }),
  )
  const fields = [
    ...new Set([topic.contract.topic.time, ...columns.map(([, field]) => field), ...where.map(([field]) => field)]),
  ]
  return { decoder: registry.decoder(topic, fields), where, columns }
}

const scaleOf = ({ contract }: AnyTopic, name: string): number => {
  const type = contract.fields.find((field) => field.name === name)?.type
  return type?.kind === 'decimal' ? type.scale : 0
}

/** Undefined where it does not decode. */
async function decoded(decoder: Decoder<Row>, value: Buffer | null): Promise<Row | undefined> {
  if (value === null) return undefined
  try {
    const id = decoder.idOf(value)
    if (!decoder.knows(id)) await decoder.learn(id)
    return decoder.decode(value)
  } catch {
    return undefined
  }
}
