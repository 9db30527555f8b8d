import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import { type Duration, milliseconds } from '#engine/time'
import { instantReader } from './dates.ts'
import { decoderOf } from './encoding.ts'
import { type FileFormat, FORMATS } from './format.ts'
import { type RowMaker, type RowMapping, rowMaker } from './rows.ts'

/** Files that come from one place, as the config says. */
export interface FilesSource {
  readonly name: string
  readonly doc: string
  /** A folder, relative to where the command is told to look; or a prefix of the bucket, `s3:landing/crm/`. */
  readonly from: { readonly folder: string } | { readonly prefix: string }
  /** A file that changed within so many milliseconds is still being written. */
  readonly stillMs: number
  /** For how long an original is kept after it was taken, milliseconds; Infinity: for ever. */
  readonly keepOriginalsMs: number
  readonly kinds: readonly FileKind[]
}

/** Files of a source that are read in the same way. */
export interface FileKind {
  readonly pattern: string
  /** Whether a name, relative to the source's folder and with `/`, is one of these. */
  matches(name: string): boolean
  readonly format: FileFormat
  readonly topics: readonly AnyTopic[]
  readonly rowOf: RowMaker
}

const FOREVER = 'forever'
/** Where nothing is said: an erasure does not reach an original, so personal data in it must not stay. */
const PERSONAL_ORIGINALS = '30 days'

const text = z.string().min(1, 'is empty')
const texts = z.record(text, z.string())

/** How texts are spelt: for a source, or for some of its files. */
const spelling = {
  format: z.enum(FORMATS, `is none of ${FORMATS.join(', ')}`).optional(),
  encoding: text
    .refine(
      (label) => fails(() => decoderOf({ label, misread: 'keep' })) === undefined,
      'is no encoding that can be read',
    )
    .optional(),
  misread: z.enum(['reject', 'repair', 'keep']).optional(),
  delimiter: z.string().length(1, 'is not one character').optional(),
  header: z.array(text).min(1, 'is empty').optional(),
  finalNewline: z.boolean().optional(),
  decimal: z.enum(['.', ',']).optional(),
  listSeparator: text.optional(),
  empty: z.array(text).optional(),
  dates: z
    .array(text.refine((format) => fails(() => instantReader([format], 'UTC')) === undefined, 'is no date format'))
    .min(1, 'is empty')
    .optional(),
  timeZone: text
    .refine((zone) => fails(() => new Intl.DateTimeFormat('en', { timeZone: zone })) === undefined, 'is no time zone')
    .optional(),
}

const mapping = {
  topic: text,
  columns: texts.default({}),
  set: texts.default({}),
  optional: z.array(text).default([]),
}

const rows = z.strictObject({ ...mapping, when: texts.default({}) })
const kind = z
  .strictObject({
    name: text,
    ...spelling,
    rows: z.array(rows).min(1, 'is empty').optional(),
    ...mapping,
    topic: text.optional(),
  })
  .refine(({ rows, topic }) => (rows === undefined) !== (topic === undefined), 'needs a topic, or rows with one each')

const source = z.strictObject({
  name: text.regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not of lower-case letters, digits and dashes'),
  doc: z.string().default(''),
  from: text.regex(/^(?!s3:\/)(s3:)?[^\\]+$/, 'is neither a folder nor s3:PREFIX'),
  still: text
    .refine(
      (value) => fails(() => milliseconds(value as Duration)) === undefined,
      "is not a duration, e.g. '2 seconds'",
    )
    .default('2 seconds'),
  originals: text
    .refine(
      (value) => value === FOREVER || fails(() => milliseconds(value as Duration)) === undefined,
      "is not a duration, e.g. '30 days', nor forever",
    )
    .optional(),
  ...spelling,
  files: z.array(kind).min(1, 'is empty'),
})

const file = z.strictObject({
  sources: z
    .array(source)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'name a source twice'),
})

type Spelt = { readonly [K in keyof typeof spelling]?: z.infer<(typeof spelling)[K]> }

/**
 * The sources that a config declares, parsed from YAML or JSON already. Throws CONFIG_INVALID naming `where`, the source, the
 * file pattern and the field that is wrong.
 * @param where the config's path, for messages
 * @param topics every topic that a mapping may name
 */
export function filesSourcesOf(content: unknown, where: string, topics: readonly AnyTopic[]): readonly FilesSource[] {
  const parsed = file.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new KappaError('CONFIG_INVALID', `reading ${where}: ${placeIn(content, issue?.path ?? [])} ${issue?.message}`)
  }
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  return parsed.data.sources.map(({ name, doc, from, still, originals, files, ...defaults }) => {
    const kinds = files.map(({ name: pattern, rows, topic, columns, set, optional, ...own }) => {
      const doing = `reading ${where}: source ${name}: files ${pattern}`
      const spelt: Spelt = { ...defaults, ...withoutUndefined(own) }
      const mappings = rows ?? [{ topic: topic ?? '', when: {}, columns, set, optional }]
      try {
        return kindOf(
          pattern,
          spelt,
          mappings.map((one) => ({ ...one, topic: topicNamed(one.topic, byName) })),
        )
      } catch (thrown) {
        throw new KappaError('CONFIG_INVALID', `${doing}: ${reasonOf(thrown)}`)
      }
    })
    return {
      name,
      doc,
      from: from.startsWith('s3:') ? { prefix: from.slice(3) } : { folder: from },
      stillMs: milliseconds(still as Duration),
      keepOriginalsMs: keptFor(originals, kinds),
      kinds,
    }
  })
}

function keptFor(originals: string | undefined, kinds: readonly FileKind[]): number {
  const personal = kinds.some(({ topics }) =>
    topics.some(({ contract }) => contract.fields.some(({ pii }) => pii !== undefined)),
  )
  const kept = originals ?? (personal ? PERSONAL_ORIGINALS : FOREVER)
  return kept === FOREVER ? Number.POSITIVE_INFINITY : milliseconds(kept)
}

function kindOf(pattern: string, spelt: Spelt, mappings: readonly RowMapping[]): FileKind {
  const expression = expressionOf(pattern)
  const format = formatOf(pattern, spelt)
  const readers = {
    instant: instantReader(spelt.dates ?? ['iso'], spelt.timeZone ?? 'UTC'),
    decimal: spelt.decimal ?? '.',
    listSeparator: spelt.listSeparator ?? '|',
    empty: spelt.empty ?? [],
  } as const
  return {
    pattern,
    matches: (name) => expression.test(name),
    format,
    topics: [...new Set(mappings.map(({ topic }) => topic))],
    rowOf: rowMaker(mappings, readers, format.format === 'json' || format.format === 'ndjson'),
  }
}

function formatOf(pattern: string, spelt: Spelt): FileFormat {
  const format = spelt.format ?? FORMATS.find((one) => pattern.endsWith(`.${one}`))
  const encoding = { label: spelt.encoding ?? 'utf-8', misread: spelt.misread ?? 'reject' }
  switch (format) {
    case undefined:
      throw new Error('format is missing, and the name does not end in one')
    case 'csv':
      return {
        ...{ format, encoding, delimiter: spelt.delimiter ?? ',', finalNewline: spelt.finalNewline ?? false },
        ...(spelt.header === undefined ? {} : { columns: spelt.header }),
      }
    case 'json':
    case 'ndjson':
      return { format, encoding }
    default:
      return { format }
  }
}

/** `*` is anything but `/`, `**` anything, `?` one character. */
function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (part) =>
    part.startsWith('**') ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : `\\${part}`,
  )
  return new RegExp(`^${source}$`)
}

function topicNamed(name: string, topics: ReadonlyMap<string, AnyTopic>): AnyTopic {
  const topic = topics.get(name)
  if (topic === undefined) throw new Error(`there is no topic ${name}`)
  return topic
}

/** The source and the files by their names where they have some, then the field. */
function placeIn(content: unknown, path: readonly PropertyKey[]): string {
  const words: string[] = []
  let at: unknown = content
  for (const [i, step] of path.entries()) {
    at = (at as Readonly<Record<PropertyKey, unknown>> | null)?.[step]
    const name = (at as { name?: unknown } | null)?.name
    const list = path[i - 1]
    if (typeof step === 'number' && (list === 'sources' || list === 'files')) {
      words.pop()
      words.push(`${list === 'sources' ? 'source' : 'files'} ${typeof name === 'string' ? name : step + 1}:`)
    } else words.push(String(step))
  }
  return words.join(' ') || 'the file'
}

/** Why a call throws; undefined where it does not. */
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
