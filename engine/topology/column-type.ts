import type { FieldType } from '#engine/schema'
import { typeBehind } from './lineage.ts'
import type { Plan } from './plan.ts'

/** The type of a column before the operator, where every input has the same one by a contract; else undefined. */
export function columnType(plan: Plan, column: string | undefined): FieldType | undefined {
  if (column === undefined) return undefined
  const types = plan.inputs.map((input) => typeBehind(input, input.steps.length, column))
  const [first] = types
  return types.every((type) => type !== undefined && JSON.stringify(type) === JSON.stringify(first)) ? first : undefined
}
