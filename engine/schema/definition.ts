import { z } from 'zod'

/** The `.avsc` file of a topic, as written. Unknown attributes are refused, so that a misspelt one is seen. */
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is not an Avro name')
const fieldName = z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'is not in camelCase')
const recordName = z.string().regex(/^[A-Z][A-Za-z0-9]*$/, 'is not in PascalCase')
const doc = z.string().trim().min(1, 'is empty')
const names = z.union([fieldName.transform((one) => [one]), z.array(fieldName)])

const pii = z
  .strictObject({
    subject: fieldName,
    strategy: z.enum(['drop', 'mask', 'generalise', 'pseudonym']),
    keep: z.enum(['birth-year', 'postcode-prefix', 'ip-prefix', 'city']).optional(),
    sealed: z.boolean(),
  })
  .refine((value) => (value.strategy === 'generalise') === (value.keep !== undefined), {
    message: 'needs `keep` with the strategy generalise, and only then',
    path: ['keep'],
  })

const rule = z
  .strictObject({
    min: z.number().optional(),
    max: z.number().optional(),
    pattern: z.string().refine(isPattern, 'is not a regular expression').optional(),
    notEmpty: z.literal(true).optional(),
  })
  .refine((value) => value.min === undefined || value.max === undefined || value.min <= value.max, {
    message: 'is below `min`',
    path: ['max'],
  })

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}

const field = z.strictObject({
  name: fieldName,
  type: z.unknown(),
  default: z.unknown().optional(),
  doc,
  rule: rule.optional(),
  'confluent:tags': z.array(z.string()).optional(),
  pii: pii.optional(),
})

const topic = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*\.v[1-9]\d*$/, 'is not of the form <domain>.<facts>.v<n>'),
  kind: z.enum(['facts', 'results', 'table']),
  key: names.refine((key) => key.length > 0, 'is empty'),
  time: fieldName,
  id: names,
  partitions: z.int().min(1).max(1_000),
  retention: z.string(),
  serving: z.strictObject({ ttl: z.string() }).optional(),
  owner: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not of lower-case letters, digits and dashes'),
})

export const definition = z.strictObject({
  type: z.literal('record'),
  name: recordName,
  namespace: z.string().regex(/^[a-z][a-z0-9]*$/, 'is not of lower-case letters and digits'),
  doc,
  topic,
  fields: z.array(field).min(1, 'is empty'),
})

export type Definition = z.infer<typeof definition>
export type FieldDefinition = Definition['fields'][number]

/** A field of a nested record: no key, rule or PII of its own. */
export const nestedField = z.strictObject({ name: fieldName, type: z.unknown(), default: z.unknown().optional(), doc })

const long = (...logicalTypes: readonly [string, ...string[]]) =>
  z.strictObject({ type: z.literal('long'), logicalType: z.enum(logicalTypes) })
const scaled = { precision: z.int().min(1).max(38), scale: z.int().min(0).default(0) }
const fixed = { type: z.literal('fixed'), name: recordName, doc: doc.optional(), size: z.int().min(1).max(1_048_576) }

/** The shapes that Kappa maps to TypeScript, ClickHouse and Parquet; what they hold is `unknown` and parsed in turn. */
export const shapes = {
  primitive: z.enum(['string', 'boolean', 'int', 'long', 'float', 'double', 'bytes']),
  timestamp: long('timestamp-millis', 'timestamp-micros', 'timestamp-nanos'),
  localTimestamp: long('local-timestamp-millis', 'local-timestamp-micros', 'local-timestamp-nanos'),
  date: z.strictObject({ type: z.literal('int'), logicalType: z.literal('date') }),
  timeMillis: z.strictObject({ type: z.literal('int'), logicalType: z.literal('time-millis') }),
  timeMicros: long('time-micros'),
  uuid: z.strictObject({ type: z.literal('string'), logicalType: z.literal('uuid') }),
  decimal: z
    .union([
      z.strictObject({ type: z.literal('bytes'), logicalType: z.literal('decimal'), ...scaled }),
      z.strictObject({ ...fixed, logicalType: z.literal('decimal'), ...scaled }),
    ])
    .refine((decimal) => decimal.scale <= decimal.precision, 'has a scale above its precision'),
  duration: z.strictObject({ ...fixed, size: z.literal(12), logicalType: z.literal('duration') }),
  fixed: z.strictObject(fixed),
  enumeration: z.strictObject({
    type: z.literal('enum'),
    name: recordName,
    doc: doc.optional(),
    symbols: z.array(name).min(1),
    default: name.optional(),
  }),
  array: z.strictObject({ type: z.literal('array'), items: z.unknown() }),
  map: z.strictObject({ type: z.literal('map'), values: z.unknown() }),
  record: z.strictObject({
    type: z.literal('record'),
    name: recordName,
    doc: doc.optional(),
    fields: z.array(nestedField).min(1, 'is empty'),
  }),
} as const
