export { type Domain, domains } from './domains/index.ts'
export type { WorldEvent } from './event.ts'
export { type FileLayout, type FilesSummary, FilesWriter, FLAW_KINDS, layouts, readerOf } from './files/index.ts'
export { eventsOf, eventsOfHour, type HourOfEvents, hoursOf, type Span, tablesAt } from './history.ts'
export { lineOf } from './lines.ts'
export { type LiveOptions, liveEvents, liveHoursOf } from './live.ts'
export {
  type BatchOptions,
  batchName,
  DEFAULT_CUSTOMERS,
  DEFAULT_EVENTS_PER_DAY,
  DEFAULT_WORLD_START,
  type StreamOptions,
  type WorldFlags,
  type WorldOptions,
  worldHash,
  worldOptionsOf,
} from './options.ts'
export { domainsOf, rowsOf, topicsOf, type WorldImport, worldImport } from './rows.ts'
export type { WorldSettings } from './settings.ts'
export { World } from './world.ts'
