import { partitionOf } from '#engine/broker'
import { ERASED, maskedField, subjectOf } from '#engine/governance'
import { type ContractField, keyText, type Pii } from '#engine/schema'
import type { VersionTable } from '#engine/state'
import type { DeduplicateStep, InputPlan, JoinStep, MaskStep, Row, Step, WhereStep } from '#engine/topology'
import type { At } from './at.ts'
import type { Deduplication } from './deduplication.ts'
import type { Lateness } from './outputs.ts'
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

/** The steps of an input as functions, made once per task. */
export const transformsOf = (input: InputPlan, around: Surroundings): readonly Transform[] =>
  input.steps.flatMap((step) => transformOf(input, step, around) ?? [])

function transformOf(input: InputPlan, step: Step, around: Surroundings): Transform | undefined {
  switch (step.kind) {
    case 'where':
      return matching(step)
    case 'filter':
      return (row) => (step.test(row) ? row : undefined)
    case 'map':
      return mapping(step.make, step.keep)
    case 'deduplicate':
      return around.deduplicationOf(step).transform(input, input.steps.indexOf(step))
    case 'declassify':
    // A join of streams is an operator: see joins/.
    case 'within':
      return undefined
    case 'mask':
      return masking(input, step, around)
    case 'join':
      return joining(step, around)
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

/** A map, with the fields it keeps. The made object is copied: it may be one the author holds. */
export function mapping(make: (row: Row) => object, keep: readonly string[]): (row: Row) => Row {
  return (row) => {
    const made: Row = { ...make(row) }
    for (const field of keep) if (!(field in made)) made[field] = row[field]
    return made
  }
}

function masking(input: InputPlan, step: MaskStep, around: Surroundings): Transform {
  const { name, contract } = input.topic
  const personal = contract.fields.filter((field): field is ContractField & { pii: Pii } => field.pii !== undefined)
  const columns = personal.flatMap((field) => {
    const column = step.columns[field.name]
    return typeof column === 'string' ? [{ field, column }] : []
  })
  const masked = (row: Row, field: ContractField & { pii: Pii }): string | null => {
    const value = row[field.name] as string | null
    if (value === null) return null
    const subject = subjectOf(row, field.pii)
    return subject === null ? ERASED : maskedField(name, field, subject, around.secrets.of(subject), value)
  }
  return (row) => {
    const values = columns.map(({ field }) => masked(row, field))
    const open: Row = { ...row }
    for (const field of personal) delete open[field.name]
    columns.forEach(({ column }, n) => {
      open[column] = values[n]
    })
    return open
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

function joining(step: JoinStep, around: Surroundings): Transform {
  const table = around.tableOf(step)
  const partitionOfKey = partitioner(around.partitions)
  const columns = Object.keys(step.select)
  const otherwise = columns.map((column) => step.otherwise[column] ?? null)
  const { on, asOf, maxAgeMs } = step
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
    const joined: Row = { ...row }
    for (let n = 0; n < columns.length; n++) joined[columns[n] as string] = (found ?? otherwise)[n]
    return joined
  }
}
