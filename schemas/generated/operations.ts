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
