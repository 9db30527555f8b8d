// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

/** Something that decided who may read what, or that was refused: so far tokens of the API, made, revoked and refused. Never a token or its secret. */
export interface AuditEvent {
  /** Unique per event; a repeated one is the same event told twice. */
  readonly eventId: string
  /** What happened: `token.created`, `token.revoked`, `token.refused`. */
  readonly action: string
  /** What it is about: the id of the token, as `kappa api token list` shows it; `unknown` where what was given is no token, or of so many others that they were counted together. */
  readonly subject: string
  /** Who the token was made for; null where the token is not known. */
  readonly name: string | null
  /** Account on the machine whose command it was; null for refused uses, of which only the token is known. */
  readonly actor: string | null
  /** Scopes of the token; of a refused use the one that was wanted. */
  readonly scopes: readonly string[]
  /** Why it was refused: `unknown` (never made, revoked, or another secret), `expired`, `scope`. */
  readonly reason: string | null
  /** What was asked for, as the API's document names it. */
  readonly path: string | null
  /** How often: refused uses of the same kind are counted together for some seconds. */
  readonly times: number
  /** When; of several the first. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** governance.audit.v1: Something that decided who may read what, or that was refused: so far tokens of the API, made, revoked and refused. Never a token or its secret. */
export const audit: Topic<AuditEvent> = topic<AuditEvent>({
  type: "record",
  name: "AuditEvent",
  namespace: "governance",
  doc: "Something that decided who may read what, or that was refused: so far tokens of the API, made, revoked and refused. Never a token or its secret.",
  topic: {"name":"governance.audit.v1","kind":"facts","key":"subject","time":"occurredAt","id":"eventId","partitions":1,"retention":"1100 days","owner":"platform"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event told twice.","rule":{"notEmpty":true}},
    {"name":"action","type":"string","doc":"What happened: `token.created`, `token.revoked`, `token.refused`.","rule":{"pattern":"^[a-z]+\\.[a-z]+$"}},
    {"name":"subject","type":"string","doc":"What it is about: the id of the token, as `kappa api token list` shows it; `unknown` where what was given is no token, or of so many others that they were counted together.","rule":{"notEmpty":true}},
    {"name":"name","type":["null","string"],"default":null,"doc":"Who the token was made for; null where the token is not known."},
    {"name":"actor","type":["null","string"],"default":null,"doc":"Account on the machine whose command it was; null for refused uses, of which only the token is known."},
    {"name":"scopes","type":{"type":"array","items":"string"},"doc":"Scopes of the token; of a refused use the one that was wanted."},
    {"name":"reason","type":["null","string"],"default":null,"doc":"Why it was refused: `unknown` (never made, revoked, or another secret), `expired`, `scope`."},
    {"name":"path","type":["null","string"],"default":null,"doc":"What was asked for, as the API's document names it."},
    {"name":"times","type":"int","default":1,"doc":"How often: refused uses of the same kind are counted together for some seconds.","rule":{"min":1}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When; of several the first."},
  ],
})
