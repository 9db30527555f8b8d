/**
 * ClickHouse's lexical grammar, as far as telling words from what is quoted or commented out. It reads a string of
 * bytes (latin1), so that offsets are byte offsets and the binary data behind an INSERT can follow the text.
 */
export interface Token {
  readonly kind: 'word' | 'quotedName' | 'string' | 'number' | 'symbol' | 'unclosed'
  /** As written, quotes included. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** Brackets open around it; an opening or closing bracket counts as outside. */
  readonly depth: number
}

const word = /[A-Za-z_][A-Za-z0-9_$]*/y
const number = /[0-9][A-Za-z0-9_.]*/y
const heredocTag = /\$[A-Za-z0-9_]*\$/y
const space = /[ \t\n\r\f\v]+/y
const unicodeQuotes: Record<string, string> = { '\xe2\x80\x98': '\xe2\x80\x99', '\xe2\x80\x9c': '\xe2\x80\x9d' }

/** The tokens from `position` on, comments and white space left out. Ends after a token that is not closed. */
export function* tokens(text: string, position = 0): Generator<Token> {
  let depth = 0
  let at = position
  while (at < text.length) {
    const start = at
    const blank = match(space, text, at) ?? comment(text, at)
    if (blank !== undefined) {
      at = blank
      continue
    }
    const [kind, end] = next(text, at)
    at = end
    const written = text.slice(start, end)
    if (kind === 'symbol' && ')]}'.includes(written)) depth = Math.max(0, depth - 1)
    yield { kind, text: written, start, end, depth }
    if (kind === 'unclosed') return
    if (kind === 'symbol' && '([{'.includes(written)) depth++
  }
}

function next(text: string, at: number): [Token['kind'], number] {
  const character = text[at] ?? ''
  if (character === "'") return closed('string', quoted(text, at, "'"), text)
  if (character === '"' || character === '`') return closed('quotedName', quoted(text, at, character), text)
  if (character === '$') return heredoc(text, at)
  const opening = text.slice(at, at + 3)
  const closing = unicodeQuotes[opening]
  if (closing !== undefined) {
    const end = text.indexOf(closing, at + 3)
    return closed(opening.endsWith('\x98') ? 'string' : 'quotedName', end === -1 ? undefined : end + 3, text)
  }
  const afterWord = match(word, text, at)
  if (afterWord !== undefined) return ['word', afterWord]
  const afterNumber = match(number, text, at)
  if (afterNumber !== undefined) return ['number', afterNumber]
  return ['symbol', at + 1]
}

function closed(kind: Token['kind'], end: number | undefined, text: string): [Token['kind'], number] {
  return end === undefined ? ['unclosed', text.length] : [kind, end]
}

/** Behind the closing quote; a backslash takes the next character with it, a doubled quote is one of the text. */
function quoted(text: string, at: number, quote: string): number | undefined {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quote) {
      if (text[i + 1] !== quote) return i + 1
      i++
    }
  }
  return undefined
}

/** `$tag$ … $tag$`, or a lone dollar sign. */
function heredoc(text: string, at: number): [Token['kind'], number] {
  const opened = match(heredocTag, text, at)
  if (opened === undefined) return ['symbol', at + 1]
  const tag = text.slice(at, opened)
  const end = text.indexOf(tag, opened)
  return end === -1 ? ['symbol', at + 1] : ['string', end + tag.length]
}

function comment(text: string, at: number): number | undefined {
  const two = text.slice(at, at + 2)
  if (two === '/*') return endOfBlockComment(text, at)
  if (two === '--' || two === '//' || two === '#!' || two === '# ') {
    const end = text.indexOf('\n', at)
    return end === -1 ? text.length : end + 1
  }
  return undefined
}

/** Block comments nest, as the engine's do. */
function endOfBlockComment(text: string, at: number): number {
  let open = 0
  let i = at
  do {
    const two = text.slice(i, i + 2)
    if (two === '/*') open++
    if (two === '*/') open--
    i += two === '/*' || two === '*/' ? 2 : 1
  } while (open > 0 && i < text.length)
  return i
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
