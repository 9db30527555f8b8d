import { readFile, stat } from 'node:fs/promises'
import { reasonOf } from '#engine/errors'
import { decoderOf, type Encoding } from './encoding.ts'
import { linesOf } from './lines.ts'
import { columnName, type FileRecord, type RecordPlace, type RecordReader } from './record.ts'

/** NDJSON: an object a line. Lines that are none, or cut by the end of the file, are unread. */
export function ndjsonReader(encoding: Encoding): RecordReader {
  return async function* records(path) {
    const decode = decoderOf(encoding)
    for await (const lines of linesOf(path)) {
      const found = lines.flatMap(({ number, at, end, bytes }): FileRecord[] => {
        if (isBlank(bytes)) return []
        const place: RecordPlace = { line: number, bytes: [at, end - at] }
        const decoded = decode(bytes)
        return [
          'reason' in decoded
            ? { ...place, found: decoded.found, reason: decoded.reason }
            : objectOf(place, decoded.text),
        ]
      })
      if (found.length > 0) yield found
    }
  }
}

/** JSON is read whole; larger files are better written as NDJSON. */
const MOST_BYTES = 512 * 2 ** 20
const BATCH = 5_000

/**
 * JSON: an array of objects, or one object. An element that is broken or never closed is unread, and the next line that
 * begins with `{` is looked at as a new one: so a truncated file, or one spoilt element, costs that element alone.
 */
export function jsonReader(encoding: Encoding): RecordReader {
  return async function* records(path) {
    const { size } = await stat(path)
    if (size > MOST_BYTES) {
      const reason = `JSON of ${size} bytes: up to ${MOST_BYTES} are read whole, write larger ones as NDJSON`
      yield [{ line: 1, bytes: [0, size], found: undefined, reason }]
      return
    }
    const decode = decoderOf(encoding)
    const bytes = await readFile(path)
    let batch: FileRecord[] = []
    for (const { line, from, to, broken } of elementsOf(bytes)) {
      const place: RecordPlace = { line, bytes: [from, to - from] }
      const decoded = decode(bytes.subarray(from, to))
      if ('reason' in decoded) batch.push({ ...place, found: decoded.found, reason: decoded.reason })
      else if (broken !== undefined) batch.push({ ...place, found: decoded.text, reason: broken })
      else batch.push(objectOf(place, decoded.text))
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }
}

function objectOf(place: RecordPlace, text: string): FileRecord {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { ...place, found: text, reason: 'it is no JSON object' }
    const cells: Record<string, unknown> = {}
    for (const [name, cell] of Object.entries(value)) cells[columnName(name)] = cell
    return { ...place, cells, found: text }
  } catch (thrown) {
    // V8's message quotes what it met, which may be personal
    return { ...place, found: text, reason: `it is no JSON: ${reasonOf(thrown).replace(/[,:]? *["'].*$/s, '')}` }
  }
}

interface Element {
  readonly line: number
  readonly from: number
  readonly to: number
  readonly broken?: string
}

const [LF, QUOTE, BACKSLASH, OPEN, CLOSE, LEFT, RIGHT, COMMA] = [...'\n"\\{}[],'].map((one) => one.charCodeAt(0))
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09
const isBlank = (bytes: Buffer): boolean => bytes.every(isSpace)

/** Cuts the elements out: what stands between the array's brackets and commas. */
function* elementsOf(bytes: Buffer): Generator<Element> {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let line = 1
  let [inArray, closed] = [false, false]
  while (at < bytes.length) {
    const byte = bytes[at]
    if (isSpace(byte) || byte === COMMA) {
      if (byte === LF) line++
      at++
    } else if (byte === LEFT && !inArray) {
      inArray = true
      at++
    } else if (byte === RIGHT && inArray) {
      closed = true
      at++
    } else {
      const element = elementAt(bytes, at, line)
      yield element
      for (; at < element.to; at++) if (bytes[at] === LF) line++
    }
  }
  if (inArray && !closed) yield { line, from: at, to: at, broken: 'the array is not closed: the file ends before it' }
}

/** The element that begins at `from`; one that does not close ends before the next line that begins with `{`. */
function elementAt(bytes: Buffer, from: number, line: number): Element {
  const awaited: (number | undefined)[] = []
  let inText = false
  let nextStart = -1
  const broken = (to: number, why: string): Element => ({
    line,
    from,
    to: nextStart === -1 ? to : nextStart,
    broken: why,
  })
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inText) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) inText = false
      else if (byte === LF) return broken(at, 'a text does not end in its line')
    } else if (byte === LF) {
      if (nextStart === -1 && bytes[at + 1] === OPEN) nextStart = at
    } else if (byte === QUOTE) inText = true
    else if (byte === OPEN) awaited.push(CLOSE)
    else if (byte === LEFT) awaited.push(RIGHT)
    else if (byte === CLOSE || byte === RIGHT) {
      if (awaited.length === 0) return { line, from, to: at === from ? at + 1 : at }
      if (awaited.pop() !== byte) return broken(at, 'its brackets do not match')
      if (awaited.length === 0) return { line, from, to: at + 1 }
    } else if (byte === COMMA && awaited.length === 0) return { line, from, to: at }
  }
  return broken(bytes.length, 'it is not closed')
}
