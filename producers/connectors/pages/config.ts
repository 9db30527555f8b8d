import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import type { AnyTopic, ContractField } from '#engine/schema'
import { type Duration, milliseconds } from '#engine/time'
import { instantReader } from '../files/dates.ts'
import { type Spelling, valueReader } from '../files/values.ts'
import type { FieldSelector, PageKind, PagesSource } from './contract.ts'

const text = z.string().min(1, 'is empty')
const name = text.regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not of lower-case letters, digits and dashes')
const duration = text.refine(
  (value) => fails(() => milliseconds(value as Duration)) === undefined,
  "is not a duration, e.g. '15 minutes'",
)
const address = text.regex(/^https?:\/\/[^\s]+$/, 'is not an address like https://host/path')
const percent = text
  .regex(/^(100|\d{1,2})( ?%)$/, 'is not a share, e.g. 10%')
  .transform((share) => Number.parseInt(share, 10) / 100)

/** How texts are spelt: for a source, for its pages, for a field. */
const spelling = {
  decimal: z.enum(['.', ',']).optional(),
  dates: z
    .array(text.refine((format) => fails(() => instantReader([format], 'UTC')) === undefined, 'is no date format'))
    .min(1, 'is empty')
    .optional(),
  timeZone: text
    .refine((zone) => fails(() => new Intl.DateTimeFormat('en', { timeZone: zone })) === undefined, 'is no time zone')
    .optional(),
}

const pattern = text
  .refine((expression) => fails(() => new RegExp(expression, 'u')) === undefined, 'is no regular expression')
  .transform((expression) => new RegExp(expression, 'u'))

const field = z.union([
  text.transform((select) => ({ select, attribute: undefined, pattern: undefined, in: 'element' as const })),
  z.strictObject({
    select: text.optional(),
    attribute: text.optional(),
    pattern: pattern.optional(),
    in: z.enum(['element', 'page']).default('element'),
    ...spelling,
  }),
])

const kind = z.strictObject({
  name,
  start: text,
  topic: text,
  each: text,
  empty: text.optional(),
  ready: text.optional(),
  paging: z.union([z.strictObject({ next: text }), z.strictObject({ parameter: text })]).optional(),
  key: z.union([text.transform((one) => [one]), z.array(text).min(1, 'is empty')]),
  order: text.optional(),
  fields: z.record(text, field),
  set: z.record(text, z.string()).default({}),
  seen: z.array(text).default([]),
  brokenAtMost: percent.default(0.1),
  ...spelling,
})

const source = z.strictObject({
  name,
  doc: z.string().default(''),
  url: address,
  interval: duration.default('1 hour'),
  perMinute: z.int().min(1).max(600).default(12),
  timeout: duration.default('30 seconds'),
  ready: duration.default('10 seconds'),
  kept: duration.default('30 days'),
  ...spelling,
  pages: z
    .array(kind)
    .min(1, 'are none')
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'name a page twice'),
})

const file = z.strictObject({
  sources: z
    .array(source)
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'name a source twice'),
})

type Spelt = { readonly [K in keyof typeof spelling]?: z.infer<(typeof spelling)[K]> | undefined }

/**
 * The sites that a file declares. Throws CONFIG_INVALID naming the file, the source, the page and the field, and what is wrong
 * with it. Whether pages have such elements shows when they are read.
 */
export function pagesSourcesOf(content: unknown, path: string, topics: readonly AnyTopic[]): readonly PagesSource[] {
  const parsed = file.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new KappaError('CONFIG_INVALID', `reading ${path}: ${placeIn(content, issue?.path ?? [])} ${issue?.message}`)
  }
  return parsed.data.sources.map(({ interval, timeout, ready, kept, pages, name, doc, url, perMinute, ...spelt }) => ({
    ...{ name, doc, url, perMinute },
    intervalMs: milliseconds(interval as Duration),
    timeoutMs: milliseconds(timeout as Duration),
    readyMs: milliseconds(ready as Duration),
    keepMs: milliseconds(kept as Duration),
    kinds: pages.map((page) => {
      try {
        return kindOf(page, spelt, topics)
      } catch (thrown) {
        throw new KappaError(
          'CONFIG_INVALID',
          `reading ${path}: source ${name}: page ${page.name}: ${reasonOf(thrown)}`,
        )
      }
    }),
  }))
}

function kindOf(declared: z.infer<typeof kind>, usual: Spelt, topics: readonly AnyTopic[]): PageKind {
  const { name, start, each, empty, ready, paging, key, order, fields, set, seen, brokenAtMost, ...spelt } = declared
  const topic = topics.find((one) => one.name === declared.topic)
  if (topic === undefined) throw new Error(`topic '${declared.topic}' is no contract of ours`)
  const own = topic.contract.fields
  // Pages are kept when they fail, in the clear, and an erasure does not reach into them.
  const personal = own.find(({ pii }) => pii !== undefined)
  if (personal !== undefined) throw new Error(`${topic.name} has personal fields (${personal.name}): pages are public`)
  const known = new Set(own.map((one) => one.name))
  for (const [what, named] of Object.entries({
    fields: Object.keys(fields),
    set: Object.keys(set),
    seen,
    key,
    order,
  })) {
    const unknown = [named ?? []].flat().find((one) => !known.has(one))
    if (unknown !== undefined)
      throw new Error(`${what} names '${unknown}', no field of ${topic.name}; there are ${[...known].join(', ')}`)
  }
  const isNumber = own.some((one) => one.name === order && ['int', 'long', 'timestamp'].includes(one.type.kind))
  if (order !== undefined && !isNumber) throw new Error(`order: ${order} is neither a whole number nor an instant`)
  for (const one of seen)
    if (own.find((other) => other.name === one)?.type.kind !== 'timestamp')
      throw new Error(`seen: ${one} is no instant in milliseconds`)
  const selectors: FieldSelector[] = []
  const constants: Record<string, unknown> = {}
  for (const one of own) {
    const places = [fields[one.name] !== undefined, set[one.name] !== undefined, seen.includes(one.name)]
    const count = places.filter(Boolean).length
    if (count > 1) throw new Error(`${one.name} is there twice, in fields, set or seen`)
    if (count === 0 && !one.nullable) throw new Error(`${one.name} is missing: say it in fields, set or seen`)
    const selected = fields[one.name]
    if (selected !== undefined) selectors.push(selectorOf(one, selected, { ...usual, ...withoutUndefined(spelt) }))
    else if (count === 0) constants[one.name] = null
    const constant = set[one.name]
    if (constant !== undefined) constants[one.name] = constantOf(one, constant, spellingOf(usual))
  }
  return {
    ...{ name, start, topic, each, empty, ready, paging, fields: selectors, constants, seen, key, order },
    brokenShare: brokenAtMost,
  }
}

function selectorOf(
  field: ContractField,
  declared: z.infer<typeof kind>['fields'][string],
  usual: Spelt,
): FieldSelector {
  const { select, attribute, pattern, in: place, ...spelt } = declared
  if (place === 'page' && select === undefined) throw new Error(`${field.name}: in the page, it needs a selector`)
  const read = valueReader(field, spellingOf({ ...usual, ...withoutUndefined(spelt) }))
  if (read === undefined) throw new Error(`${field.name}: pages cannot hold a ${field.type.kind}`)
  return {
    ...{ field: field.name, select, attribute, pattern, inPage: place === 'page' },
    ...{ nullable: field.nullable, type: field.type.kind, read },
  }
}

function constantOf(field: ContractField, text: string, spelling: Spelling): unknown {
  const value = valueReader(field, spelling)?.(text)
  if (value === undefined) throw new Error(`set: ${field.name} cannot be '${text}'`)
  return value
}

const spellingOf = ({ decimal = '.', dates = ['iso'], timeZone = 'UTC' }: Spelt): Spelling => ({
  ...{ decimal, instant: instantReader(dates, timeZone), listSeparator: ',', empty: [] },
})

/** The source and the page by their names where they have some, then the field. */
function placeIn(content: unknown, path: readonly PropertyKey[]): string {
  const words: string[] = []
  let at: unknown = content
  for (const step of path) {
    at = (at as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[step]
    if (typeof step !== 'number') words.push(String(step))
    else {
      const { name: own } = (at ?? {}) as { readonly name?: unknown }
      words.push(`${words.pop()?.replace(/s$/, '')} ${typeof own === 'string' ? own : step + 1}:`)
    }
  }
  return words.join(' ') || 'the file'
}

function fails(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (thrown) {
    return reasonOf(thrown)
  }
}

const withoutUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T
