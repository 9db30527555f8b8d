/** A type as ClickHouse writes it: `Tuple(city String, tags Array(String))` has two arguments, of which each has a name. */
export interface ColumnType {
  readonly name: string
  readonly arguments: readonly { readonly name: string | undefined; readonly type: ColumnType }[]
}

/** The text of a type, whatever ClickHouse puts between its parts and around names. */
export function parseType(text: string): ColumnType {
  const open = text.indexOf('(')
  if (open < 0) return { name: text.trim(), arguments: [] }
  const inner = text.slice(open + 1, text.lastIndexOf(')'))
  const name = text.slice(0, open).trim()
  const named = name === 'Tuple'
  return { name, arguments: split(inner).map((part) => argument(part.trim(), named)) }
}

function argument(part: string, named: boolean): ColumnType['arguments'][number] {
  const [, quoted, bare, rest = ''] = (named && /^(?:`([^`]+)`|([A-Za-z_]\w*))\s+(.+)$/s.exec(part)) || []
  const name = quoted ?? bare
  return name === undefined ? { name: undefined, type: parseType(part) } : { name, type: parseType(rest) }
}

/** At commas outside of parentheses and quotes. */
function split(text: string): string[] {
  const parts = ['']
  let [depth, quoted] = [0, false]
  for (const letter of text) {
    if (letter === "'") quoted = !quoted
    if (!quoted && letter === '(') depth++
    if (!quoted && letter === ')') depth--
    if (letter === ',' && depth === 0 && !quoted) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts
}

/** What of a column's type may grow without any row changing its meaning: the Avro promotions. */
const WIDENINGS: Readonly<Record<string, readonly string[]>> = {
  Int32: ['Int64', 'Float64'],
  Int64: ['Float64'],
  Float32: ['Float64'],
}

const WRAPPERS: ReadonlySet<string> = new Set(['LowCardinality', 'Nullable'])

/** The type within LowCardinality and Nullable, and whether null may stand there. */
function unwrapped(type: ColumnType): { readonly plain: ColumnType; readonly nullable: boolean } {
  const [inner] = type.arguments
  if (!WRAPPERS.has(type.name) || inner === undefined) return { plain: type, nullable: false }
  const { plain, nullable } = unwrapped(inner.type)
  return { plain, nullable: nullable || type.name === 'Nullable' }
}

/**
 * Whether `ALTER … MODIFY COLUMN` may bring a column from one type to the other with every row meaning what it meant: null
 * may be admitted, numbers widened, decimals given digits, tuples given elements that are null or empty in older rows. What
 * is nullable stays so.
 */
export function widens(from: ColumnType, to: ColumnType): boolean {
  const [before, after] = [unwrapped(from), unwrapped(to)]
  if (before.nullable && !after.nullable) return false
  const [a, b] = [before.plain, after.plain]
  if (a.name !== b.name) return WIDENINGS[a.name]?.includes(b.name) ?? false
  if (a.name === 'Tuple') return tupleWidens(a, b)
  if (a.name === 'Decimal') {
    const [[precision = 0, scale], [wider = 0, same]] = [a, b].map((type) =>
      type.arguments.map(({ type }) => Number(type.name)),
    ) as [number[], number[]]
    return scale === same && wider >= precision
  }
  if (a.name === 'Array' || a.name === 'Map')
    return a.arguments.every(({ type }, i) => {
      const other = b.arguments[i]?.type
      return other !== undefined && widens(type, other)
    })
  return JSON.stringify(a.arguments) === JSON.stringify(b.arguments)
}

function tupleWidens(from: ColumnType, to: ColumnType): boolean {
  const after = new Map(to.arguments.map(({ name, type }) => [name, type]))
  const before = new Map(from.arguments.map(({ name, type }) => [name, type]))
  const kept = [...before].every(([name, type]) => {
    const other = after.get(name)
    return other !== undefined && widens(type, other)
  })
  // What a cast gives an element that a row does not have is the type's zero: null or nothing, and never a value.
  return kept && [...after].every(([name, type]) => before.has(name) || (name !== '_present' && emptyByZero(type)))
}

function emptyByZero(type: ColumnType): boolean {
  if (unwrapped(type).nullable || type.name === 'Array' || type.name === 'Map') return true
  return type.name === 'Tuple' && type.arguments[0]?.name === '_present'
}
