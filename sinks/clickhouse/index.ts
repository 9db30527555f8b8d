export type { ClickHouseAddress } from './connect.ts'
export { ClickHouseDestination } from './destination.ts'
export type { Comparison, DifferingRow, Generations, TimeRange } from './generations.ts'
export type { Positions, Tallies } from './tally.ts'
