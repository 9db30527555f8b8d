import { KappaError, reasonOf } from '#engine/errors'
import { milliseconds } from '#engine/time'
import { recordType } from './avro.ts'
import type { Contract, ContractField, FieldType, Pii } from './contract.ts'
import { type Definition, definition, type FieldDefinition } from './definition.ts'
import { type Refuse, TypeReader } from './type.ts'

/**
 * A contract from the JSON of its `.avsc`. SCHEMA_INVALID names the file (where given) and the field or attribute that
 * cannot be used.
 */
export function parseContract(json: unknown, file?: string): Contract {
  const refuse = (what: string): never => {
    throw new KappaError('SCHEMA_INVALID', `reading the contract ${file ?? placeOf(json)}: ${what}`)
  }
  const parsed = definition.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(`${pathOf(json, issue?.path ?? [])} ${messageOf(issue)}`)
  }
  const { name: record, namespace, doc, topic } = parsed.data
  const types = new TypeReader(namespace, refuse)
  const fields = parsed.data.fields.map((field) => fieldOf(field, types, refuse))
  const contract: Contract = { record, namespace, doc, topic, fields, avro: JSON.stringify(json) }
  checkTerms(parsed.data, fields, refuse)
  try {
    recordType(contract.avro)
  } catch (thrown) {
    refuse(reasonOf(thrown))
  }
  return contract
}

function fieldOf(field: FieldDefinition, types: TypeReader, refuse: Refuse): ContractField {
  const tagged = field['confluent:tags']?.includes('PII') ?? false
  if (tagged !== (field.pii !== undefined))
    refuse(`field ${field.name} needs both \`pii\` and "confluent:tags": ["PII"], or neither`)
  const { rule, pii } = field
  const { type, nullable } = types.slot(field.type, `field ${field.name}`)
  // So that a nullable field can always be added.
  if (nullable && field.default !== null) refuse(`field ${field.name} is nullable and needs "default": null`)
  if (pii?.sealed && type.kind !== 'string') refuse(`field ${field.name} is sealed and so has to be a string`)
  checkRule(field, type, refuse)
  return {
    name: field.name,
    doc: field.doc,
    type,
    nullable,
    ...('default' in field ? { default: field.default } : {}),
    ...(pii ? { pii: pii as Pii } : {}),
    ...(rule ? { rule: rule as NonNullable<ContractField['rule']> } : {}),
  }
}

const NUMERIC: ReadonlySet<string> = new Set(['int', 'long', 'float', 'double', 'decimal', 'timestamp', 'date'])
/** What a record key and an identity may be of: values with one text each. */
const PLAIN: ReadonlySet<string> = new Set([
  ...['string', 'boolean', 'int', 'long', 'double', 'decimal', 'timestamp', 'date', 'enum', 'uuid'],
])

function checkRule({ name, rule }: FieldDefinition, { kind }: FieldType, refuse: Refuse): void {
  if (!rule) return
  if ((rule.min !== undefined || rule.max !== undefined) && !NUMERIC.has(kind))
    refuse(`field ${name} has a rule \`min\` or \`max\`, but is no number`)
  if (rule.pattern !== undefined && kind !== 'string') refuse(`field ${name} has a rule \`pattern\`, but is no string`)
  if (rule.notEmpty && !['string', 'array', 'bytes'].includes(kind))
    refuse(`field ${name} has a rule \`notEmpty\`, but is neither string, bytes nor array`)
}

function checkTerms({ topic, namespace }: Definition, fields: readonly ContractField[], refuse: Refuse): void {
  const byName = new Map(fields.map((field) => [field.name, field]))
  if (byName.size !== fields.length) refuse('a field name occurs twice')
  if (!topic.name.startsWith(`${namespace}.`)) refuse(`topic.name has to begin with the namespace, ${namespace}.`)
  for (const [part, names] of [
    ['key', topic.key] as const,
    ['id', topic.id] as const,
    ['time', [topic.time]] as const,
  ]) {
    for (const name of names) {
      const field = byName.get(name) ?? refuse(`topic.${part} names the field ${name}, which does not exist`)
      if (field.nullable) refuse(`topic.${part} names the field ${name}, which is nullable`)
      if (part !== 'time' && !PLAIN.has(field.type.kind))
        refuse(`topic.${part} names the field ${name}, which is not a plain value`)
      if (part !== 'time' && field.pii?.sealed) refuse(`topic.${part} names the field ${name}, which is sealed`)
    }
  }
  if (byName.get(topic.time)?.type.kind !== 'timestamp')
    refuse(`topic.time: the field ${topic.time} is no timestamp-millis`)
  if (topic.kind !== 'facts' && topic.id.length === 0) refuse(`topic.id is empty; ${topic.kind} are upserted by it`)
  for (const { name, pii } of fields) {
    if (pii && !byName.has(pii.subject)) refuse(`field ${name}: pii.subject names ${pii.subject}, which does not exist`)
    if (pii && byName.get(pii.subject)?.nullable)
      refuse(`field ${name}: pii.subject names ${pii.subject}, which is nullable`)
  }
  checkDuration('retention', topic.retention, refuse)
  if (topic.serving === undefined) return
  checkDuration('serving.ttl', topic.serving.ttl, refuse)
  if (topic.kind === 'facts') refuse('topic.serving is for results and tables: facts have no latest row')
  const sealed = fields.find(({ pii }) => pii?.sealed === true)
  if (sealed !== undefined) refuse(`topic.serving: the field ${sealed.name} is sealed; serve the masked topic`)
}

function checkDuration(term: string, text: string, refuse: Refuse): void {
  if (text === 'forever') return
  try {
    milliseconds(text)
  } catch {
    refuse(`topic.${term} '${text}' is neither a duration ('400 days') nor 'forever'`)
  }
}

/** The name of the topic or record, for messages about a contract without a file. */
function placeOf(json: unknown): string {
  const { topic, name } = (json ?? {}) as { topic?: { name?: unknown }; name?: unknown }
  return String(topic?.name ?? name ?? 'given')
}

/** `fields.email.pii.keep`: fields by their names rather than their positions. */
function pathOf(json: unknown, path: readonly PropertyKey[]): string {
  const [first, index, ...rest] = path
  if (first !== 'fields' || typeof index !== 'number') return path.map(String).join('.') || 'the file'
  const fields = (json as { fields?: readonly { name?: unknown }[] }).fields
  const name = fields?.[index]?.name
  return ['field', [typeof name === 'string' ? name : `number ${index + 1}`, ...rest.map(String)].join('.')].join(' ')
}

function messageOf(issue: { readonly message: string; readonly code: string } | undefined): string {
  return issue === undefined
    ? 'is not a contract'
    : /^(is|has|needs) /.test(issue.message)
      ? issue.message
      : `: ${issue.message}`
}
