import type { ServerResponse } from 'node:http'
import { encodings } from './encodings.ts'
import type { Connection, Outcome } from './engine.ts'
import { contentType, defaultFormat } from './formats.ts'
import { identifier, stringLiteral } from './literal.ts'
import type { Pipes } from './pipe.ts'
import type { Asked } from './request.ts'
import type { Answer } from './response.ts'
import type { SpoolFile } from './spool.ts'
import type { InsertStatement, OtherStatement, ReadStatement } from './statement.ts'

/** Where an answer goes, and how to stop the statement that makes it. */
export interface Out {
  readonly answer: Answer
  readonly response: ServerResponse
  readonly stop: () => void
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString()

/**
 * Gives a connection the user's role, the database, and the settings and parameters of one statement. Parameters go to
 * the engine as values, which it binds to `{name:Type}` itself. A reader's `readonly = 2` comes first, so that nothing
 * said after it can lift it.
 */
export async function prepareConnection(connection: Connection, asked: Asked): Promise<void> {
  const settings = new Map(asked.settings)
  const readonly = settings.get('readonly')
  settings.delete('readonly')
  const assign = (name: string, value: string) => `${name} = ${stringLiteral(value)}`
  const all = [
    ...[...settings].map(([name, value]) => assign(name, value)),
    ...[...asked.parameters].map(([name, value]) => assign(`param_${name}`, value)),
    ...(readonly === undefined ? [] : [assign('readonly', readonly)]),
  ]
  const steps = [`SET ROLE ${asked.user.readonly ? 'reader' : 'writer'}`]
  if (asked.user.readonly) steps.push('SET readonly = 2')
  steps.push(`SET ${assign('log_comment', asked.queryId)}`)
  if (asked.database !== undefined) steps.push(`USE ${identifier(asked.database)}`)
  if (all.length > 0) steps.push(`SET ${all.join(', ')}`)
  await connection.run(steps.join('; '))
}

/** Runs a statement that answers with rows, and sends them as the engine makes them. */
export async function runRead(
  statement: ReadStatement,
  asked: Asked,
  connection: Connection,
  pipes: Pipes,
  { answer, response, stop }: Out,
): Promise<Outcome> {
  const format = statement.format ?? asked.defaultFormat ?? defaultFormat
  const encoding = asked.encoding
  answer.set({
    'Content-Type': contentType(format),
    'X-ClickHouse-Format': format,
    'Content-Encoding': encoding,
    Vary: encoding === undefined ? undefined : 'Accept-Encoding',
  })
  const pipe = await pipes.open()
  if (response.destroyed) stop()
  else response.once('close', stop)
  const target = `INTO OUTFILE ${stringLiteral(pipe.path)} TRUNCATE COMPRESSION '${encoding === undefined ? 'none' : encodings[encoding]}'`
  const sql = `${utf8(statement.head)}\n${target} FORMAT ${identifier(format)} ${utf8(statement.tail)}`
  const running: Promise<Outcome> = connection.run(sql).finally(pipe.finish)
  running.catch(() => {}) // Looked at below, once everything it wrote has been taken.
  // Taken also for a client that has gone: an engine that waits for a reader would not notice that it was told to stop.
  for await (const piece of pipe.stream) await answer.write(piece as Buffer)
  try {
    return await running
  } finally {
    response.removeListener('close', stop)
  }
}

/** Inserts the rows of a file: one INSERT, so that its blocks, their deduplication and their order are ClickHouse's. */
export async function runInsert(statement: InsertStatement, data: SpoolFile, connection: Connection): Promise<Outcome> {
  const { head, tail, format, input } = statement
  const path = stringLiteral(data.path)
  const sql =
    input === undefined
      ? `${utf8(head)} FROM INFILE ${path} COMPRESSION 'none' ${utf8(tail)} FORMAT ${format}`
      : `${utf8(head)} file(${path}, '${format}', ${utf8(input)}, 'none') ${utf8(tail)}`
  return connection.run(sql)
}

/** Runs a definition, a mutation or a setting; what it answers is small. */
export async function runOther(
  statement: OtherStatement,
  asked: Asked,
  connection: Connection,
  answer: Answer,
): Promise<Outcome> {
  const format = asked.defaultFormat ?? defaultFormat
  const outcome = await connection.run(utf8(statement.text), format)
  answer.set({ 'Content-Type': contentType(format), 'X-ClickHouse-Format': format })
  await answer.write(outcome.bytes)
  return outcome
}
