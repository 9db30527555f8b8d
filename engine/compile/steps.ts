import { partitionOf } from '#engine/broker'
import { ERASED, maskedField, subjectOf } from '#engine/governance'
import { type ContractField, keyText, type Pii } from '#engine/schema'
import type { VersionTable } from '#engine/state'
import {
  type DeduplicateStep,
  type InputPlan,
  type JoinStep,
  type MapStep,
  type MaskStep,
  type Plan,
  type Row,
  type Step,
  type WhereStep,
  wantedBehind,
} from '#engine/topology'
import type { At } from './at.ts'
import type { Deduplication } from './deduplication.ts'
import type { Lateness } from './outputs.ts'
import { elementsOf, fieldsOf, shapeOf } from './row-shapes.ts'
import type { Secrets } from './secrets.ts'

/** One step over one row: the row to go on with, or undefined where the event ends here. */
export type Transform = (row: Row, at: At) => Row | undefined

/** What steps reach for beside the row. */
export interface Surroundings {
  readonly partition: number
  readonly partitions: number
  readonly streamTime: number
  readonly secrets: Secrets
  tableOf(join: JoinStep): VersionTable
  deduplicationOf(step: DeduplicateStep): Deduplication
  late(at: At, lateness: Lateness): void
  /** Bad data, known as such without anything being thrown. */
  refuse(at: At, step: string, reason: string): void
}

/** The steps of an input from number `from` until before `to` as functions, made once per task. */
export const transformsOf = (
  plan: Plan,
  input: InputPlan,
  around: Surroundings,
  from = 0,
  to = input.steps.length,
): readonly Transform[] =>
  input.steps.slice(from, to).flatMap((step, n) => {
    const behind = wantedBehind(plan, input, from + n + 1)
    return transformOf(input, step, behind, around) ?? []
  })

/** @param behind the columns that something behind the step reads: a row that it makes has no others */
function transformOf(
  input: InputPlan,
  step: Step,
  behind: ReadonlySet<string>,
  around: Surroundings,
): Transform | undefined {
  switch (step.kind) {
    case 'where':
      return matching(step)
    case 'filter':
      return (row) => (step.test(row) ? row : undefined)
    case 'map':
      return mapping(step, behind)
    case 'deduplicate':
      return around.deduplicationOf(step).transform(input, input.steps.indexOf(step))
    case 'declassify':
    // A join of streams is an operator: see joins/.
    case 'within':
      return undefined
    case 'mask':
      return masking(input, step, behind, around)
    case 'join':
      return joining(step, behind, around)
  }
}

function matching(step: WhereStep): Transform {
  const tests = Object.entries(step.match).map(([field, values]): ((row: Row) => boolean) => {
    const [only] = values
    if (values.length === 1) return (row) => row[field] === only
    const set = new Set(values)
    return (row) => set.has(row[field])
  })
  const [first] = tests
  if (first && tests.length === 1) return (row) => (first(row) ? row : undefined)
  return (row) => (tests.every((test) => test(row)) ? row : undefined)
}

/** A map, with the fields it keeps or renames. The made object is copied: it may be one the author holds. */
export function mapping({ make, keep, rename }: MapStep, behind: ReadonlySet<string>): (row: Row) => Row {
  const shape = shapeOf(
    [...behind].map((column) => {
      const field = rename?.[column]
      if (field !== undefined) return [column, { from: 1, at: field }]
      const made = { from: 0, at: column }
      return [column, keep.includes(column) ? { ...made, or: { from: 1, at: column } } : made]
    }),
  )
  return (row) => shape(make(row) as Row, row)
}

type PersonalField = ContractField & { readonly pii: Pii }

function masking(input: InputPlan, step: MaskStep, behind: ReadonlySet<string>, around: Surroundings): Transform {
  const { name, contract } = input.topic
  const columns = contract.fields.flatMap((field) => {
    const column = step.columns[field.name]
    if (field.pii === undefined || typeof column !== 'string' || !behind.has(column)) return []
    return [{ field: field as PersonalField, column }]
  })
  const masked = (row: Row, field: PersonalField): string | null => {
    const value = row[field.name] as string | null
    if (value === null) return null
    const subject = subjectOf(row, field.pii)
    return subject === null ? ERASED : maskedField(name, field, subject, around.secrets.of(subject), value)
  }
  const made = columns.map(({ column }) => column)
  const open = [...behind].filter((column) => !made.includes(column))
  const shape = shapeOf([...fieldsOf(open), ...elementsOf(made, 1)])
  return (row) => {
    const values: (string | null)[] = []
    for (let n = 0; n < columns.length; n++) values.push(masked(row, (columns[n] as (typeof columns)[number]).field))
    return shape(row, values)
  }
}

const REMEMBERED_PARTITIONS = 100_000

/** The partition that a key text belongs to, remembered. */
export function partitioner(partitions: number): (key: string) => number {
  const known = new Map<string, number>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= REMEMBERED_PARTITIONS) known.clear()
    const partition = partitionOf(Buffer.from(key), partitions)
    known.set(key, partition)
    return partition
  }
}

function joining(step: JoinStep, behind: ReadonlySet<string>, around: Surroundings): Transform {
  const table = around.tableOf(step)
  const partitionOfKey = step.table.broadcast ? () => around.partition : partitioner(around.partitions)
  const columns = Object.keys(step.select)
  const otherwise = columns.map((column) => step.otherwise[column] ?? null)
  const { on, asOf, maxAgeMs } = step
  const own = [...behind].filter((column) => !columns.includes(column))
  const selected = elementsOf(columns, 1).filter(([column]) => behind.has(column))
  const shape = shapeOf([...fieldsOf(own), ...selected])
  const where = `join ${step.table.topic.name}`
  return (row, at) => {
    const key = keyText(on.map((field) => row[field]))
    if (partitionOfKey(key) !== around.partition) {
      around.refuse(at, where, 'it stands on a partition that its key does not belong to')
      return undefined
    }
    const time = asOf === undefined ? at.time : (row[asOf] as number | null)
    if (time !== null && time < around.streamTime - step.table.historyMs) {
      around.late(at, {
        reason: 'history',
        eventTime: at.time,
        lateness: around.streamTime - time,
        streamTime: around.streamTime,
      })
      return undefined
    }
    const version = time === null ? undefined : table.at(key, time)
    const fresh = version && (maxAgeMs === undefined || (time as number) - version.time <= maxAgeMs)
    const found = fresh ? version.row : null
    if (!found && step.join === 'inner') return undefined
    return shape(row, found ?? otherwise)
  }
}
