import type { Plan, TablesOperator } from './plan.ts'

/** A join of two tables: keyed alike, and written by that key, for its rows are taken back by key. */
export function checkTables(plan: Plan, { on, select }: TablesOperator, refuse: (why: string) => never): void {
  const [left, right] = plan.inputs.map(({ topic }) => topic.contract.topic)
  if (!left || !right) {
    refuse('a join of tables reads two')
    return
  }
  if (on.length === 0 || on.length !== right.key.length || on.join() !== left.key.join())
    refuse(
      `${left.name} is keyed by ${left.key.join(', ')}, ${right.name} by ${right.key.join(', ')}, the join by ${on.join(', ')}`,
    )
  if (left.partitions !== right.partitions)
    refuse(`${left.name} and ${right.name} have different numbers of partitions`)
  const { key, name, partitions } = plan.destination.contract.topic
  if (key.join() !== on.join())
    refuse(`rows of a join of tables are taken back by key: ${name} has to be keyed by ${on.join(', ')}`)
  if (partitions !== left.partitions) refuse(`${left.name} and ${name} have different numbers of partitions`)
  for (const column of on) {
    if (column in select) refuse(`joinTables selects into its key '${column}'`)
    if (plan.finish.some(({ keep }) => !keep.includes(column)))
      refuse(`rows of a join of tables are taken back by key, and a map changes '${column}'`)
  }
}
