import { DatabaseError, errorCode } from './errors.ts'
import { tokens } from './lexer.ts'
import { firstWord } from './statement.ts'

/*
 * A read-only user is held by three things. The engine's `readonly = 2` refuses writes and its own change; the engine's
 * role `reader` holds no grant on any source outside the database (files, URLs, S3, other servers); and this page
 * refuses, before the engine sees it, what the engine has no grant for.
 */

const reads = new Set(['SELECT', 'FROM', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXISTS', 'EXPLAIN'])

/**
 * Names the engine may resolve to a function that reads files or calls services: `file(x)`, and also `arrayMap(file, x)`
 * or `* APPLY(file)`. As a column such a name has to be written with its table, `t.file`.
 */
const outsideFunctions =
  /^(file|filesystem|eval|executable|catboostevaluate|ai_?(generate|classify|embed|extract|translate)|arrowstream)$/

/** Settings that carry SQL, change its grammar, or name files. */
const outsideSettings =
  /^(dialect|additional_.*|parallel_replicas.*|format_schema.*|format_template.*|allow_experimental_(eval|kusto|prql|polyglot).*|polyglot.*|user_files.*)$/

/** Whether a statement only reads, by its first word. */
export const onlyReads = (text: string): boolean => reads.has(firstWord(text))

/** Refuses what is not a read (code 164), and what would reach outside the database (code 497). `text` is latin1. */
export function checkReader(text: string, settings: Iterable<string>, parameters: Iterable<string>): void {
  if (!onlyReads(text)) throw readonly(`${firstWord(text) || 'this'} is not a read`)
  if (/\boutfile\b/i.test(text)) throw readonly('INTO OUTFILE writes a file')
  for (const name of settings) if (outsideSettings.test(name)) throw denied(`change the setting ${name}`)
  for (const value of parameters) if (outsideFunctions.test(value.toLowerCase())) throw denied(`name ${value}`)
  let qualified = false
  for (const token of tokens(text)) {
    if (token.kind === 'word' && token.text.toUpperCase() === 'INSERT' && !qualified)
      throw readonly('INSERT is not a read')
    if (token.kind === 'word' || token.kind === 'quotedName') {
      const quoted = token.kind === 'quotedName'
      if (quoted && token.text.includes('\\')) throw denied('escape characters in a name')
      const name = (quoted ? token.text.replace(/^\W+|\W+$/g, '') : token.text).toLowerCase()
      if (!qualified && outsideFunctions.test(name)) throw denied(`name ${name} (as a column write table.${name})`)
      if (outsideSettings.test(name)) throw denied(`change the setting ${name}`)
    }
    qualified = token.text === '.'
  }
}

const readonly = (reason: string) =>
  new DatabaseError(errorCode.readonly, `Cannot execute query in readonly mode: ${reason}`)

const denied = (what: string) => new DatabaseError(errorCode.accessDenied, `Not enough privileges: may not ${what}`)
