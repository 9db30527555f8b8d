export { type FilesSource, filesSourcesOf } from './config.ts'
export { type FilesOptions, type FilesProgress, type FilesSummary, filesName, ingestFiles } from './ingest.ts'
export { folderLanding, type Landing, prefixLanding } from './landing.ts'
export { type FileEntry, Ledger, unitOf } from './ledger.ts'
