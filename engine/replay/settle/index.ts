export { settlementsTopic } from './memo.ts'
export { type Posted, type PostedOptions, postedCorrections } from './posted.ts'
export { type Settlement, type SettleOptions, settle } from './settle.ts'
export { settleable } from './unlimited.ts'
