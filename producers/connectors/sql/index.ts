/** Tables of MariaDB, MySQL and PostgreSQL as events: new and changed rows by a high-water mark, deleted ones by their keys. */
export { sqlSourcesOf } from './config.ts'
export type { SqlSource, SqlTable } from './contract.ts'
export { ingestSql, type Round, type SqlIngestOptions, type TableRound, topicsOf } from './ingest.ts'
export { checkpointName } from './progress.ts'
