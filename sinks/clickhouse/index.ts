export type { ClickHouseAddress } from './connect.ts'
export { ClickHouseDestination } from './destination.ts'
