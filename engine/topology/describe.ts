import { needsRekey } from './check.ts'
import { holdsAt, joinsOf } from './demand.ts'
import { columnLineage, type Origin } from './lineage.ts'
import { mermaidOf } from './mermaid.ts'
import type { Plan } from './plan.ts'
import { textOf } from './text.ts'
import { aggregateText, inputText, operatorTexts, stepText, tableText, windowText } from './words.ts'

/** A stage's topics, as the runtime names them. */
export interface StageTopics {
  readonly name: string
  readonly reads: readonly string[]
  /** Results, or the repartition topic of the next stage. */
  readonly writes: readonly string[]
  readonly changelog: string
}

/** Topics that a processor has to itself. */
export interface OwnTopics {
  /** Whose topics these are. */
  readonly generation: number
  /** True where it is known to be the one in force. */
  readonly inForce: boolean
  readonly stages: readonly StageTopics[]
  /** Slices and advances, which a replay applies again. */
  readonly time: string
  readonly late: string
  readonly deadLetter: string
}

/** What a processor does, as data without functions: the JSON of `kappa topology`. Durations in milliseconds. */
export interface Topology {
  readonly processor: string
  readonly version: string
  readonly inputs: readonly {
    readonly topic: string
    readonly role: 'stream' | 'table'
    readonly key: readonly string[]
    readonly time: string
    readonly idleAfterMs: number | null
    readonly maxAheadMs: number | null
    readonly historyMs: number | null
    readonly options: string
    readonly steps: readonly string[]
  }[]
  readonly keyBy: readonly string[]
  /** True where `keyBy` groups by something else than the inputs' key: a second stage. */
  readonly rekey: boolean
  readonly operator: OperatorFacts
  /** Operator and what follows it, in words. */
  readonly steps: readonly string[]
  /** What the processor keeps between events, in words; empty: nothing. */
  readonly state: readonly string[]
  readonly topics: OwnTopics | null
  readonly result: {
    readonly topic: string
    readonly kind: string
    readonly key: readonly string[]
    /** Fields that identify a row; empty: its coordinates do. */
    readonly identity: readonly string[]
  }
  readonly lineage: readonly ColumnFacts[]
}

export type OperatorFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'tables'; readonly join: string; readonly on: readonly string[] }
  | {
      readonly kind: 'stateful'
      readonly name: string
      readonly reads: readonly string[]
      readonly ttlMs: number | null
    }
  | {
      readonly kind: 'window'
      readonly window: string
      readonly columns: Readonly<Record<string, string>>
      readonly emit: string
    }

export interface ColumnFacts {
  readonly column: string
  readonly type: string
  /** Its PII strategy, or null where it is not personal. */
  readonly pii: string | null
  readonly from: readonly Origin[]
  readonly by: readonly string[]
}

/** A plan as people and programs read it. */
export interface PlanDescription {
  readonly text: string
  /** A Mermaid flowchart. */
  readonly mermaid: string
  readonly topology: Topology
}

/** What a plan reads, computes and writes, and where each output column comes from. */
export function describe(plan: Plan, own?: OwnTopics): PlanDescription {
  const topology = topologyOf(plan, own)
  return { text: textOf(topology), mermaid: mermaidOf(plan, topology), topology }
}

function topologyOf(plan: Plan, own: OwnTopics | undefined): Topology {
  const { name, version, inputs, keyBy = [], destination } = plan
  const { kind, key, id } = destination.contract.topic
  const streams = inputs.map((input) => ({
    ...topicFacts(input.topic),
    role: 'stream' as const,
    idleAfterMs: input.idleAfterMs ?? null,
    maxAheadMs: input.maxAheadMs ?? null,
    historyMs: null,
    options: inputText(input),
    steps: input.steps.map(stepText),
  }))
  const tables = joinsOf(plan).map(({ table }) => ({
    ...topicFacts(table.topic),
    role: 'table' as const,
    idleAfterMs: table.idleAfterMs,
    maxAheadMs: null,
    historyMs: table.historyMs,
    options: tableText(table),
    steps: [],
  }))
  return {
    processor: name,
    version,
    inputs: [...streams, ...tables],
    keyBy,
    rekey: needsRekey(plan),
    operator: operatorFacts(plan),
    steps: operatorTexts(plan),
    state: stateTexts(plan),
    topics: own ?? null,
    result: { topic: destination.name, kind, key, identity: id },
    lineage: columnFacts(plan),
  }
}

const topicFacts = ({ name, contract }: Plan['destination']) => ({
  topic: name,
  key: contract.topic.key,
  time: contract.topic.time,
})

function operatorFacts({ operator }: Plan): OperatorFacts {
  if (operator === undefined) return { kind: 'none' }
  if (operator.kind === 'tables') return { kind: 'tables', join: operator.join, on: operator.on }
  if (operator.kind === 'stateful')
    return { kind: 'stateful', name: operator.name, reads: operator.reads, ttlMs: operator.ttlMs ?? null }
  const columns = Object.entries(operator.columns).map(([name, column]) => [name, aggregateText(column)])
  return {
    kind: 'window',
    window: windowText(operator.window),
    columns: Object.fromEntries(columns),
    emit: operator.emit,
  }
}

function stateTexts(plan: Plan): string[] {
  const { operator, keyBy = [] } = plan
  const tables = joinsOf(plan).map(
    ({ table }) => `versions of ${table.topic.name} by ${table.topic.contract.topic.key.join(' + ')}`,
  )
  const key = keyBy.join(' + ')
  tables.push(...heldTexts(plan))
  if (operator?.kind === 'window') return [...tables, `aggregates by ${key} of every open window`]
  if (operator?.kind === 'tables') return [`the last rows of both tables by ${operator.on.join(' + ')}`]
  if (operator?.kind === 'stateful') return [...tables, `'${operator.name}' by ${key}`]
  return tables
}

/** What joins keep back until stream time has come. */
const heldTexts = ({ inputs }: Plan): string[] =>
  inputs.flatMap((input) => {
    const step = input.steps[holdsAt(input)]
    const by = input.topic.contract.topic.key.join(' + ')
    return step === undefined ? [] : [`events of ${input.topic.name} by ${by} while a partner may come`]
  })

function columnFacts(plan: Plan): ColumnFacts[] {
  const fields = plan.destination.contract.fields
  return columnLineage(plan).map(({ column, origins, by }) => {
    const field = fields.find(({ name }) => name === column)
    const type =
      field?.type.kind === 'decimal' ? `decimal(${field.type.precision}, ${field.type.scale})` : field?.type.kind
    return {
      column,
      type: `${type ?? 'unknown'}${field?.nullable ? ' or null' : ''}`,
      pii: field?.pii?.strategy ?? null,
      from: origins,
      by,
    }
  })
}
