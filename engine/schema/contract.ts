/**
 * The contract of a topic: one `.avsc` file. Avro ignores the attributes it does not know; the registry keeps them.
 * The seam between `schemas/` and everything that reads or writes events.
 */
export type TopicKind =
  | 'facts' // append only: every record is a row
  | 'results' // upsert by `id`: a later record of the same identity replaces the earlier one
  | 'table' // upsert by `id`, read as a versioned table by joins

export interface TopicTerms {
  /** `<domain>.<facts>.v<n>` */
  readonly name: string
  readonly kind: TopicKind
  /** Fields whose UTF-8 makes the record key, and so the partition (see `keyText`). */
  readonly key: readonly string[]
  /** The event-time field, a `timestamp-millis`. */
  readonly time: string
  /** Fields that identify one event or result. For `facts` may be empty: then its coordinates identify it. */
  readonly id: readonly string[]
  /** Partitions in production; the local stack gives every topic 4. */
  readonly partitions: number
  /** Counted from writing, in Kafka, ClickHouse and S3 alike: '400 days', or 'forever'. */
  readonly retention: string
  readonly owner: string
  /**
   * Where rows by `id` are asked for one at a time, by the API: the serving view (sinks/redis) keeps the latest of each for
   * so long after it was written: '2 days', or 'forever'.
   */
  readonly serving?: { readonly ttl: string } | undefined
}

export type PiiStrategy = 'drop' | 'mask' | 'generalise' | 'pseudonym'

/** A personal field: who it is about, and what a masking processor makes of it. */
export interface Pii {
  /** The field that holds the subject's id. */
  readonly subject: string
  readonly strategy: PiiStrategy
  /** For `generalise`: what is kept. */
  readonly keep?: 'birth-year' | 'postcode-prefix' | 'ip-prefix' | 'city'
  /** True where the producer seals the field (governance.md); a masked result is personal but not sealed. */
  readonly sealed: boolean
}

/** A quality rule that one record can break by itself; a record that breaks one goes to the dead-letter topic. */
export interface FieldRule {
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly notEmpty?: boolean
}

/**
 * The shape of a value, as Kappa maps it (docs/decisions/0013-types.md has the table). Values in TypeScript: `long` and
 * every millisecond unit are numbers; micro- and nanoseconds since 1970 are `bigint`, decimals unscaled `bigint`; a `time`
 * counts from midnight; a duration is an `AvroDuration`; a map is a plain object; a union is an object of one member, named by
 * the branch (`{ long: 5 }`, `{ 'shop.Card': { … } }`), as Avro's JSON has it.
 */
export type FieldType =
  | { readonly kind: 'string' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' }
  /** `timestamp-millis`: an instant. */
  | { readonly kind: 'timestamp' | 'date' }
  | { readonly kind: 'fine-timestamp'; readonly unit: 'micros' | 'nanos' }
  /** What a clock on a wall showed, of no zone. */
  | { readonly kind: 'local-timestamp'; readonly unit: 'millis' | 'micros' | 'nanos' }
  | { readonly kind: 'time'; readonly unit: 'millis' | 'micros' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'duration' }
  /** `size`: of a fixed, bytes; absent over bytes. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number; readonly size?: number }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number }
  | { readonly kind: 'array'; readonly items: FieldType; readonly nullableItems?: boolean }
  | { readonly kind: 'map'; readonly values: FieldType; readonly nullableValues?: boolean }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly RecordField[] }
  /** Of two types or more beside null; that null is among them says whoever holds the union. */
  | { readonly kind: 'union'; readonly branches: readonly Branch[] }

/** A field of a nested record. */
export interface RecordField {
  readonly name: string
  readonly doc: string
  readonly type: FieldType
  readonly nullable: boolean
  readonly default?: unknown
}

export interface Branch {
  /** As Avro's JSON names it, and so the values: `long`, `shop.Card`. */
  readonly name: string
  /** The column's: without the namespace. */
  readonly member: string
  readonly type: FieldType
}

/** Avro's `duration`: three counts that do not convert into one another, each below 2^32. */
export interface AvroDuration {
  readonly months: number
  readonly days: number
  readonly milliseconds: number
}

export interface ContractField {
  readonly name: string
  readonly doc: string
  readonly type: FieldType
  readonly nullable: boolean
  /** Avro default, as JSON: what a reader takes where older data has no such field. Nullable fields have null. */
  readonly default?: unknown
  readonly pii?: Pii
  readonly rule?: FieldRule
}

export interface Contract {
  /** PascalCase singular, e.g. `Purchase`. */
  readonly record: string
  readonly namespace: string
  readonly doc: string
  readonly topic: TopicTerms
  readonly fields: readonly ContractField[]
  /** The Avro schema as registered: canonical JSON text with its custom attributes. */
  readonly avro: string
}

/**
 * A topic handle generated from a contract. `V` is the value type: decimals are `bigint` (unscaled), timestamps are
 * milliseconds since 1970 UTC, dates are days since 1970, longs are integers of less than 52 bits (their absolute value is below 2^52).
 */
export interface Topic<V> {
  readonly name: string
  readonly contract: Contract
  /** Avro body, without registry framing. Throws KappaError DECODE_FAILED naming the field that does not fit. */
  encode(value: V): Buffer
  /** Registry framing (magic byte 0, schema id as 32 bit big endian) and the body, in one buffer. */
  frame(schemaId: number, value: V): Buffer
  /** The value of an Avro body written with this same schema. */
  decode(body: Uint8Array): V
  /** The record key's text: its bytes are the UTF-8 of this. */
  keyOf(value: V): string
}

/** `Topic<V>` of any value: for code that handles topics it does not know. */
// biome-ignore lint/suspicious/noExplicitAny: a topic is contravariant in encode and covariant in decode; only `any` fits both
export type AnyTopic = Topic<any>

/** A decoder of framed values as they are written by any registered version of the topic's schema. */
export interface Decoder<V> {
  /** Schema id of a framed value; throws DECODE_FAILED where the bytes are not framed. */
  idOf(framed: Uint8Array): number
  /** False until `learn` was awaited for this id. */
  knows(schemaId: number): boolean
  /** Fetches the writer schema from the registry. DECODE_FAILED where it cannot be read as the topic's, retriable where the registry is away. */
  learn(schemaId: number): Promise<void>
  /** The value, or only the projected fields of it. Throws DECODE_FAILED with the reason. */
  decode(framed: Uint8Array): V
}

/** The schema registry (Confluent-compatible API). */
export interface Registry {
  /** Registers the contract under `<topic>-value` with BACKWARD_TRANSITIVE; the schema id. SCHEMA_INCOMPATIBLE names the field. */
  register(topic: AnyTopic): Promise<number>
  /** Without registering: undefined when compatible, or the reason, naming the field. */
  check(topic: AnyTopic): Promise<string | undefined>
  /** The id under which the contract is registered; registers nothing. */
  idOf(topic: AnyTopic): Promise<number>
  /** The contract that was registered under an id; undefined where there is none, or a schema of another kind. */
  contractOf(schemaId: number): Promise<Contract | undefined>
  /** Reads only `fields` where given (projected decoding: the other fields are skipped, not built). */
  decoder<V>(topic: Topic<V>, fields?: readonly (keyof V & string)[]): Decoder<V>
  close(): Promise<void>
}
