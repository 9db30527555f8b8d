export { openSpool, SPOOL_START, type Spool, type SpoolOptions, type SpoolPosition, type SpoolRead } from './spool.ts'
