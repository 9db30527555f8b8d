// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type FlowTrigger = 'TIME' | 'CATCH_UP' | 'AGAIN' | 'ASKED'

export type FlowEventKind = 'STARTED' | 'ENDED'

export type FlowOutcome = 'SUCCEEDED' | 'FAILED' | 'INTERRUPTED'

/** The start or the end of a flow's run, or of one try of one of its steps. */
export interface FlowEvent {
  /** Flow, moment, try of the run, step, try of the step, start or end: unique. */
  readonly eventId: string
  /** The flow, by its name in deploy/flows.yml. */
  readonly flow: string
  /** The day that the run is about, which its commands are given. */
  readonly date: string
  /** The moment that the run is for. Milliseconds since 1970 UTC. */
  readonly scheduledAt: number
  /** By its time, for a time that passed, again because it was killed or stopped, or because somebody asked. */
  readonly trigger: FlowTrigger
  /** Which run for this moment it is, from 1. */
  readonly runAttempt: number
  /** True where steps that had succeeded in earlier runs for this moment are run again. */
  readonly afresh: boolean
  /** The step; null: the run as a whole. */
  readonly step: string | null
  /** Which try of the step in this run it is, from 1; 0 for the run as a whole. */
  readonly attempt: number
  /** Start or end. */
  readonly kind: FlowEventKind
  /** How it ended. */
  readonly outcome: FlowOutcome | null
  /** Of the command; null where it was ended by a signal. */
  readonly exitCode: number | null
  /** How long it took. */
  readonly seconds: number | null
  /** Why it failed, as far as its last lines tell. */
  readonly reason: string | null
  /** When. Milliseconds since 1970 UTC. */
  readonly at: number
}

/** Completeness, uniqueness, validity and freshness of what a system delivered, by hour of event time. Made of silver.* topics. */
export interface QualityFigures {
  /** The system that the records came from. */
  readonly source: string
  /** The raw topic that they stand on. */
  readonly topic: string
  /** Start of the hour of their event times, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of that hour, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Records that came, duplicates among them. */
  readonly records: number
  /** Those that repeat a record of the same system. */
  readonly duplicates: number
  /** Those whose facts another system had told before. */
  readonly elsewhere: number
  /** Cells that they should have filled. */
  readonly wantedCells: number
  /** Of these, the empty ones. */
  readonly missingCells: number
  /** Records with a finding other than a missing cell. */
  readonly flaggedRecords: number
  /** Records with a value out of the ordinary. */
  readonly outliers: number
  /** Records that refer to something that has no row, or is on no list. */
  readonly unknowns: number
  /** Share of wanted cells that are filled. */
  readonly completeness: number
  /** Share of records that are no duplicates. */
  readonly uniqueness: number
  /** Share of records without such a finding. */
  readonly validity: number
  /** Freshness: from event time to record time, on average. */
  readonly meanAgeSeconds: number
  /** The same of the oldest one. */
  readonly maxAgeSeconds: number
}

/** A row that a database does not have any more, as `kappa ingest sql` noticed when it compared keys. */
export interface RowDeletion {
  /** Source, table, key and moment: unique. */
  readonly eventId: string
  /** The source, by its name in deploy/sources/sql.yml. */
  readonly source: string
  /** The table, as the source names it. */
  readonly table: string
  /** Where the row's own events are. */
  readonly topic: string
  /** The values of the row's key columns, as a JSON array of texts. */
  readonly rowKey: string
  /** When keys were compared before: the row was deleted after that, or after it was read later. Milliseconds since 1970 UTC. */
  readonly lastSeenAt: number | null
  /** When it was found to be gone. Milliseconds since 1970 UTC. */
  readonly noticedAt: number
}

/** operations.flow-runs.v1: The start or the end of a flow's run, or of one try of one of its steps. */
export const flowRuns: Topic<FlowEvent> = topic<FlowEvent>({
  type: "record",
  name: "FlowEvent",
  namespace: "operations",
  doc: "The start or the end of a flow's run, or of one try of one of its steps.",
  topic: {"name":"operations.flow-runs.v1","kind":"facts","key":"flow","time":"at","id":"eventId","partitions":1,"retention":"400 days","owner":"platform"},
  fields: [
    {"name":"eventId","type":"string","doc":"Flow, moment, try of the run, step, try of the step, start or end: unique.","rule":{"notEmpty":true}},
    {"name":"flow","type":"string","doc":"The flow, by its name in deploy/flows.yml.","rule":{"notEmpty":true}},
    {"name":"date","type":"string","doc":"The day that the run is about, which its commands are given.","rule":{"pattern":"^\\d{4}-\\d{2}-\\d{2}$"}},
    {"name":"scheduledAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"The moment that the run is for."},
    {"name":"trigger","type":{"type":"enum","name":"FlowTrigger","symbols":["TIME","CATCH_UP","AGAIN","ASKED"]},"doc":"By its time, for a time that passed, again because it was killed or stopped, or because somebody asked."},
    {"name":"runAttempt","type":"int","doc":"Which run for this moment it is, from 1.","rule":{"min":1}},
    {"name":"afresh","type":"boolean","default":false,"doc":"True where steps that had succeeded in earlier runs for this moment are run again."},
    {"name":"step","type":["null","string"],"default":null,"doc":"The step; null: the run as a whole."},
    {"name":"attempt","type":"int","doc":"Which try of the step in this run it is, from 1; 0 for the run as a whole.","rule":{"min":0}},
    {"name":"kind","type":{"type":"enum","name":"FlowEventKind","symbols":["STARTED","ENDED"]},"doc":"Start or end."},
    {"name":"outcome","type":["null",{"type":"enum","name":"FlowOutcome","symbols":["SUCCEEDED","FAILED","INTERRUPTED"]}],"default":null,"doc":"How it ended."},
    {"name":"exitCode","type":["null","int"],"default":null,"doc":"Of the command; null where it was ended by a signal."},
    {"name":"seconds","type":["null","double"],"default":null,"doc":"How long it took."},
    {"name":"reason","type":["null","string"],"default":null,"doc":"Why it failed, as far as its last lines tell."},
    {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When."},
  ],
})

/** operations.quality.v1: Completeness, uniqueness, validity and freshness of what a system delivered, by hour of event time. Made of silver.* topics. */
export const quality: Topic<QualityFigures> = topic<QualityFigures>({
  type: "record",
  name: "QualityFigures",
  namespace: "operations",
  doc: "Completeness, uniqueness, validity and freshness of what a system delivered, by hour of event time. Made of silver.* topics.",
  topic: {"name":"operations.quality.v1","kind":"results","key":["source","topic"],"time":"windowStart","id":["source","topic","windowStart"],"partitions":4,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"source","type":"string","doc":"The system that the records came from.","rule":{"notEmpty":true}},
    {"name":"topic","type":"string","doc":"The raw topic that they stand on.","rule":{"notEmpty":true}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour of their event times, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of that hour, exclusive."},
    {"name":"records","type":"long","doc":"Records that came, duplicates among them.","rule":{"min":0}},
    {"name":"duplicates","type":"long","doc":"Those that repeat a record of the same system.","rule":{"min":0}},
    {"name":"elsewhere","type":"long","doc":"Those whose facts another system had told before.","rule":{"min":0}},
    {"name":"wantedCells","type":"long","doc":"Cells that they should have filled.","rule":{"min":0}},
    {"name":"missingCells","type":"long","doc":"Of these, the empty ones.","rule":{"min":0}},
    {"name":"flaggedRecords","type":"long","doc":"Records with a finding other than a missing cell.","rule":{"min":0}},
    {"name":"outliers","type":"long","doc":"Records with a value out of the ordinary.","rule":{"min":0}},
    {"name":"unknowns","type":"long","doc":"Records that refer to something that has no row, or is on no list.","rule":{"min":0}},
    {"name":"completeness","type":"double","doc":"Share of wanted cells that are filled.","rule":{"min":0,"max":1}},
    {"name":"uniqueness","type":"double","doc":"Share of records that are no duplicates.","rule":{"min":0,"max":1}},
    {"name":"validity","type":"double","doc":"Share of records without such a finding.","rule":{"min":0,"max":1}},
    {"name":"meanAgeSeconds","type":"double","doc":"Freshness: from event time to record time, on average."},
    {"name":"maxAgeSeconds","type":"long","doc":"The same of the oldest one."},
  ],
})

/** operations.row-deletions.v1: A row that a database does not have any more, as `kappa ingest sql` noticed when it compared keys. */
export const rowDeletions: Topic<RowDeletion> = topic<RowDeletion>({
  type: "record",
  name: "RowDeletion",
  namespace: "operations",
  doc: "A row that a database does not have any more, as `kappa ingest sql` noticed when it compared keys.",
  topic: {"name":"operations.row-deletions.v1","kind":"facts","key":"rowKey","time":"noticedAt","id":"eventId","partitions":4,"retention":"forever","owner":"platform"},
  fields: [
    {"name":"eventId","type":"string","doc":"Source, table, key and moment: unique.","rule":{"notEmpty":true}},
    {"name":"source","type":"string","doc":"The source, by its name in deploy/sources/sql.yml.","rule":{"notEmpty":true}},
    {"name":"table","type":"string","doc":"The table, as the source names it.","rule":{"notEmpty":true}},
    {"name":"topic","type":"string","doc":"Where the row's own events are.","rule":{"notEmpty":true}},
    {"name":"rowKey","type":"string","doc":"The values of the row's key columns, as a JSON array of texts.","rule":{"notEmpty":true}},
    {"name":"lastSeenAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When keys were compared before: the row was deleted after that, or after it was read later."},
    {"name":"noticedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was found to be gone."},
  ],
})
