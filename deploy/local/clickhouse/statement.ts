import { DatabaseError, errorCode } from './errors.ts'
import { type Token, tokens } from './lexer.ts'

/** What a request asks for, taken apart where the face has to put something in between. All texts are latin1 bytes. */
export type Statement = ReadStatement | InsertStatement | OtherStatement

/** Answers with rows: `head` and `tail` surround the place for INTO OUTFILE and FORMAT. */
export interface ReadStatement {
  readonly kind: 'read'
  readonly head: string
  readonly format: string | undefined
  readonly tail: string
}

/** Takes rows from the body, which begin at `dataAt`: `head` and `tail` surround the place for FROM INFILE. */
export interface InsertStatement {
  readonly kind: 'insert'
  readonly head: string
  readonly tail: string
  readonly format: string
  readonly dataAt: number
  /** `INSERT … SELECT … FROM input('structure')`: `head` and `tail` then surround the whole call. */
  readonly input: string | undefined
}

/** Everything else: definitions, mutations, INSERT … SELECT, settings. It runs as written. */
export interface OtherStatement {
  readonly kind: 'other'
  readonly text: string
  readonly first: string
}

const reading = new Set(['SELECT', 'FROM', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS', 'EXPLAIN', 'CHECK', 'KILL'])

const is = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === word

/** The first word of a statement in capitals, brackets before it left out; the empty string where there is none. */
export function firstWord(text: string): string {
  for (const token of tokens(text)) {
    if (token.kind === 'symbol' && token.text === '(') continue
    return token.kind === 'word' ? token.text.toUpperCase() : ''
  }
  return ''
}

/** Takes a statement apart. Throws a DatabaseError for what ClickHouse refuses over HTTP whatever it means. */
export function parseStatement(text: string): Statement {
  const first = firstWord(text)
  if (first === '') throw new DatabaseError(errorCode.syntaxError, 'Syntax error: Empty query or no statement in it')
  return first === 'INSERT' ? parseInsert(text) : parseOutput(text, first)
}

function parseOutput(whole: string, first: string): ReadStatement | OtherStatement {
  const { list, text } = single(whole)
  const top = list.filter((token) => token.depth === 0)
  const inserts = first === 'WITH' && top.some((token) => is(token, 'INSERT'))
  if (!reading.has(first) || inserts) return { kind: 'other', text, first }
  for (const [i, token] of top.entries()) {
    if (is(token, 'INTO') && is(top[i + 1], 'OUTFILE'))
      throw new DatabaseError(errorCode.intoOutfileNotAllowed, 'INTO OUTFILE is not allowed')
  }
  const at = top.findLastIndex((token, i) => {
    const name = top[i + 1]
    const after = top[i + 2]
    const named = name?.kind === 'word' || name?.kind === 'quotedName'
    return is(token, 'FORMAT') && named && (after === undefined || is(after, 'SETTINGS'))
  })
  const [clause, name] = [top[at], top[at + 1]]
  const sql = first === 'KILL' ? killQuery(text, list) : text
  if (clause === undefined || name === undefined) return { kind: 'read', head: sql, format: undefined, tail: '' }
  const shift = sql.length - text.length
  const format = name.kind === 'word' ? name.text : name.text.slice(1, -1)
  return { kind: 'read', head: sql.slice(0, clause.start + shift), format, tail: sql.slice(name.end + shift) }
}

/**
 * KILL QUERY as this engine can run it. It names its queries itself: the id a client gave travels in the setting
 * `log_comment`. And SYNC, which never returns when the engine runs inside a process, becomes ASYNC.
 */
function killQuery(text: string, list: readonly Token[]): string {
  if (!is(list[1], 'QUERY')) return text
  return list.reduceRight((sql, token) => {
    const name = token.kind === 'quotedName' ? token.text.slice(1, -1).toUpperCase() : token.text.toUpperCase()
    const instead = name === 'QUERY_ID' ? "Settings['log_comment']" : is(token, 'SYNC') ? 'ASYNC' : token.text
    return `${sql.slice(0, token.start)}${instead}${sql.slice(token.end)}`
  }, text)
}

/** The tokens of the one statement there is; what closes it is cut off. */
function single(text: string): { list: Token[]; text: string } {
  const list: Token[] = []
  let end: Token | undefined
  for (const token of tokens(text)) {
    const semicolon = token.kind === 'symbol' && token.text === ';'
    if (end !== undefined && !semicolon)
      throw new DatabaseError(errorCode.syntaxError, 'Syntax error (Multi-statements are not allowed)')
    if (semicolon) end ??= token
    else list.push(token)
  }
  return { list, text: end === undefined ? text : text.slice(0, end.start) }
}

function parseInsert(text: string): InsertStatement | OtherStatement {
  const walk = tokens(text)
  const read = (): Token | undefined => walk.next().value
  let at: Token | undefined = tableEnd(read)
  let place: number | undefined
  let input: { start: number; end: number; structure: string } | undefined
  let selects = false
  for (; at !== undefined; at = read()) {
    if (at.depth > 0 && !selects && !is(at, 'SELECT')) continue
    if (is(at, 'SELECT') || is(at, 'WITH')) selects = true
    if (is(at, 'INFILE')) throw new DatabaseError(errorCode.unknownTypeOfQuery, 'FROM INFILE is not allowed over HTTP')
    if (selects && is(at, 'INPUT')) {
      input = inputCall(at, read)
      continue
    }
    if (at.depth > 0) continue
    if (is(at, 'SETTINGS') && !selects) place ??= at.start
    if (is(at, 'VALUES') && !selects) return insert(text, place ?? at.start, at.start, 'Values', at.end)
    if (is(at, 'FORMAT') && (!selects || input !== undefined)) {
      const name = read()
      if (name?.kind !== 'word') break
      if (input === undefined) return insert(text, place ?? at.start, at.start, name.text, dataStart(text, name.end))
      const head = text.slice(0, input.start)
      const tail = text.slice(input.end, at.start)
      const { structure } = input
      return { kind: 'insert', head, tail, format: name.text, dataAt: dataStart(text, name.end), input: structure }
    }
  }
  if (!selects) throw new DatabaseError(errorCode.syntaxError, 'Syntax error: INSERT without VALUES, FORMAT or SELECT')
  return { kind: 'other', text: single(text).text, first: 'INSERT' }
}

const insert = (text: string, place: number, end: number, format: string, dataAt: number): InsertStatement => ({
  kind: 'insert',
  head: text.slice(0, place),
  tail: text.slice(place, end),
  format,
  dataAt,
  input: undefined,
})

/** Reads INSERT [INTO] [TABLE] [FUNCTION] name[.name]…, whose names may be words like FORMAT; answers what follows. */
function tableEnd(read: () => Token | undefined): Token | undefined {
  read()
  let token = read()
  while (is(token, 'INTO') || is(token, 'TABLE') || is(token, 'FUNCTION')) token = read()
  let next = read()
  while (next?.text === '.') {
    read()
    next = read()
  }
  return next
}

/** `input('a Int8, b String')`: the bounds of the call and the literal in it. */
function inputCall(name: Token, read: () => Token | undefined): { start: number; end: number; structure: string } {
  const [open, structure, close] = [read(), read(), read()]
  if (open?.text !== '(' || structure?.kind !== 'string' || close?.text !== ')')
    throw new DatabaseError(errorCode.badArguments, "Table function 'input' takes the structure as one string")
  return { start: name.start, end: close.end, structure: structure.text }
}

/** Data begins behind the blanks, or the one line break, that follow the format's name. */
function dataStart(text: string, nameEnd: number): number {
  const blanks = /[ \t\f]*;?[ \t\f]*\r?\n?/y
  blanks.lastIndex = nameEnd
  blanks.test(text)
  return blanks.lastIndex
}
