import { columnType } from './column-type.ts'
import type { Plan, WindowOperator } from './plan.ts'
import { misfitOf } from './result-types.ts'

/** Aggregates go into columns that hold what they yield; a map behind the operator may make anything of them. */
export function checkColumns(plan: Plan, operator: WindowOperator, refuse: (why: string) => never): void {
  if (plan.finish.length > 0) return
  for (const [name, column] of Object.entries(operator.columns)) {
    const target = plan.destination.contract.fields.find((field) => field.name === name)
    const misfit = target && misfitOf(column, columnType(plan, column.field), target)
    if (misfit) refuse(`the column '${name}' (${column.kind}) would write ${misfit}`)
  }
}
