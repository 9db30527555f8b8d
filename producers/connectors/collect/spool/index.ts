export { openSpool, SPOOL_START, type Spool, type SpoolOptions, type SpoolPosition } from './spool.ts'
