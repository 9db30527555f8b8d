import { writeAll } from './body.ts'
import { DatabaseError, errorCode } from './errors.ts'
import type { Spool, SpoolFile } from './spool.ts'
import { firstWord, type InsertStatement, parseStatement, type Statement } from './statement.ts'

/** A request's statement, with the rows of an INSERT in a file. */
export interface Received {
  readonly statement: Statement
  /** The statement's whole text without its data, latin1. */
  readonly text: string
  readonly data: SpoolFile | undefined
}

/** An INSERT's text is looked for in this many bytes at first; longer ones are read whole, up to the limit. */
const firstBytes = 64 * 1024
const mostBytes = 16 * 1024 * 1024

/**
 * Puts statement and data together: the text of the URL, a line break, then the body, as ClickHouse reads them. Data goes
 * to a file, whole, before anything is inserted: a client that breaks off in the middle has inserted nothing.
 * `admit` sees the text before the body is taken.
 */
export async function receive(
  query: string | undefined,
  body: AsyncIterator<Buffer>,
  spool: Spool,
  admit: (text: string) => void,
): Promise<Received> {
  const fromUrl: Buffer = query === undefined ? Buffer.alloc(0) : Buffer.from(query)
  const known = insertIn(fromUrl)
  if (known !== undefined) {
    const rest = fromUrl.subarray(known.dataAt)
    const inline = rest.length > 0 ? [rest, Buffer.from('\n')] : []
    return withData(known, fromUrl, inline, body, spool, admit)
  }
  const pieces: Buffer[] = query === undefined ? [] : [fromUrl, Buffer.from('\n')]
  let size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  let tried = query !== undefined
  for (;;) {
    const next = await body.next()
    if (next.done) break
    pieces.push(next.value)
    size += next.value.length
    if (!tried && size >= firstBytes) {
      tried = true
      const head = Buffer.concat(pieces)
      const insert = insertIn(head)
      if (insert !== undefined && insert.dataAt < head.length)
        return withData(insert, head, [head.subarray(insert.dataAt)], body, spool, admit)
    }
    if (size > mostBytes)
      throw new DatabaseError(errorCode.queryIsTooLarge, `Max query size exceeded: ${mostBytes} bytes`)
  }
  const whole = Buffer.concat(pieces)
  const text = whole.toString('latin1')
  const statement = parseStatement(text)
  if (statement.kind === 'insert')
    return withData(statement, whole, [whole.subarray(statement.dataAt)], body, spool, admit)
  admit(text)
  return { statement, text, data: undefined }
}

function insertIn(bytes: Buffer): InsertStatement | undefined {
  const text = bytes.toString('latin1')
  if (firstWord(text) !== 'INSERT') return undefined
  try {
    const statement = parseStatement(text)
    return statement.kind === 'insert' ? statement : undefined
  } catch {
    return undefined // Not complete yet: it is read on and judged whole.
  }
}

async function withData(
  statement: InsertStatement,
  head: Buffer,
  begun: readonly Buffer[],
  body: AsyncIterator<Buffer>,
  spool: Spool,
  admit: (text: string) => void,
): Promise<Received> {
  const text = head.subarray(0, statement.dataAt).toString('latin1')
  admit(text)
  const data = spool.file()
  try {
    await writeAll(data.path, following(begun, body))
    return { statement, text, data }
  } catch (thrown) {
    await data.remove()
    throw thrown
  }
}

async function* following(begun: readonly Buffer[], body: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* begun
  for (let next = await body.next(); !next.done; next = await body.next()) yield next.value
}
