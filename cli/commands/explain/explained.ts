import type { Explanation } from '#engine/replay'
import { type AnyTopic, tableOf } from '#engine/schema'
import { columnLineage, type Plan, type Row } from '#engine/topology'
import { amountsText, type ColumnCheck, checked } from './check.ts'
import type { Figure } from './figure.ts'
import type { Settled } from './settled.ts'

/** An event of the row. */
export interface ExplainedLine {
  /** `topic[partition]@offset` */
  readonly at: string
  readonly eventTime: string
  /** By the columns that they go into: exact text. */
  readonly amounts: Readonly<Record<string, unknown>>
}

export interface LeftOutLine extends ExplainedLine {
  readonly reason: string
  readonly isCertain: boolean
}

/** An explanation as `--json` prints it. */
export interface Explained {
  readonly table: string
  readonly row: string
  readonly window: { readonly start: string; readonly end: string } | null
  /** `adds up`, `differs`, `open`: not published yet, `missing`: published, and not in the table. */
  readonly state: 'adds up' | 'differs' | 'open' | 'missing'
  /** The same in words. */
  readonly standing: string
  readonly columns: readonly ColumnCheck[]
  readonly lineage: readonly { readonly column: string; readonly from: string; readonly by: string }[]
  readonly events: readonly ExplainedLine[]
  readonly leftOut: readonly LeftOutLine[]
  /** Left out, by reason: how many, and what they would have added. */
  readonly reasons: Readonly<
    Record<string, { readonly events: number; readonly amounts: Readonly<Record<string, unknown>> }>
  >
  readonly dead: readonly {
    readonly at: string
    readonly eventTime: string | null
    readonly step: string
    readonly reason: string
    readonly isCertain: boolean
  }[]
  readonly pending: readonly ExplainedLine[]
  /** What `kappa settle` posted for the row; null where its late events cannot be settled so. */
  readonly settled: Settled | null
  /** What was rejected before the processor's topics. */
  readonly before: readonly string[]
}

const iso = (time: number): string => new Date(time).toISOString()

export function explainedOf(
  plan: Plan,
  values: Row,
  found: Explanation,
  figure: Figure | undefined,
  before: readonly string[],
  settled: Settled | null = null,
): Explained {
  const topic = plan.destination
  const { database, name } = tableOf(topic)
  const columns = checked(topic, found, figure)
  const line = (event: Explanation['events'][number]): ExplainedLine => ({
    at: placed(event),
    eventTime: iso(event.eventTime),
    amounts: amountsText(topic, event.amounts),
  })
  const state =
    figure !== undefined
      ? found.made !== undefined && columns.every(({ equal }) => equal)
        ? 'adds up'
        : 'differs'
      : found.made === undefined
        ? 'open'
        : 'missing'
  return {
    table: `${database}.${name}`,
    row: rowText(topic, values),
    window: found.window === undefined ? null : { start: iso(found.window.start), end: iso(found.window.end) },
    state,
    standing: `${standings[state]}${figure === undefined ? '' : ` (${figure.place}, v${figure.generation})`}; ${found.read} events read`,
    columns,
    lineage: columnLineage(plan)
      .filter(({ origins }) => origins.length > 0)
      .map(({ column, origins, by }) => ({
        column,
        from: origins.map(({ topic: of, field }) => `${of}.${field}`).join(', '),
        by: by.join(', '),
      })),
    events: found.events.map(line),
    leftOut: found.leftOut.map((one) => ({ ...line(one), reason: one.reason, isCertain: one.isCertain })),
    reasons: reasonsOf(topic, found.leftOut),
    dead: found.dead.map(({ eventTime, step, reason, isCertain, ...place }) => ({
      at: placed(place),
      eventTime: eventTime === undefined ? null : iso(eventTime),
      ...{ step, reason, isCertain },
    })),
    pending: found.pending.map(line),
    settled,
    before,
  }
}

const standings = {
  'adds up': 'the events below add up to what the table says',
  differs: 'the events below do NOT add up to what the table says',
  open: 'not published yet: its window is open, or no event made it',
  missing: 'published, and NOT in the table: kappa complete tells whether it is on its way',
} as const

const placed = ({ topic, partition, offset }: { topic: string; partition: number; offset: number }): string =>
  `${topic}[${partition}]@${offset}`

const rowText = (topic: AnyTopic, values: Row): string =>
  topic.contract.topic.id
    .map((field) => {
      const isTime = topic.contract.fields.some((one) => one.name === field && one.type.kind === 'timestamp')
      return `${field}=${isTime ? iso(Number(values[field])) : String(values[field])}`
    })
    .join(' ')

/** Lateness differs from event to event: reasons are put together by what stands before it. */
function reasonsOf(topic: AnyTopic, leftOut: Explanation['leftOut']): Explained['reasons'] {
  const sums = new Map<string, { events: number; amounts: Record<string, bigint | number> }>()
  for (const { reason, isCertain, amounts } of leftOut) {
    const name = `${reason.split(': ')[0] === 'not counted' ? reason : (reason.split(': ')[0] ?? reason)}${isCertain ? '' : ' (may be of this row)'}`
    const own = sums.get(name) ?? { events: 0, amounts: {} }
    sums.set(name, own)
    own.events++
    for (const [column, amount] of Object.entries(amounts)) {
      const known = own.amounts[column]
      if (typeof amount === 'bigint') own.amounts[column] = amount + (typeof known === 'bigint' ? known : 0n)
      else if (typeof amount === 'number') own.amounts[column] = amount + (typeof known === 'number' ? known : 0)
    }
  }
  return Object.fromEntries(
    [...sums].map(([name, { events, amounts }]) => [name, { events, amounts: amountsText(topic, amounts) }]),
  )
}
