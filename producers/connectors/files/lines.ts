import { createReadStream } from 'node:fs'

/** A line as its bytes, without what ends it; `at` is its first byte in the file, `end` the one behind its line feed. */
export interface Line {
  readonly number: number
  readonly at: number
  readonly bytes: Buffer
  readonly end: number
  /** False for a last line that no line feed ends: the file may have been cut there. */
  readonly ended: boolean
}

const LF = 0x0a
const CR = 0x0d
const CHUNK_BYTES = 1 << 18
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** The lines of a file, a chunk's at a time; a byte order mark of UTF-8 is passed over. Only an unended line is kept in memory. */
export async function* linesOf(path: string): AsyncGenerator<readonly Line[]> {
  let rest: Buffer[] = []
  let [number, restAt, position] = [1, 0, 0]
  for await (const read of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const chunk = read as Buffer
    const lines: Line[] = []
    let start = 0
    for (let feed = chunk.indexOf(LF); feed !== -1; feed = chunk.indexOf(LF, start)) {
      const piece = chunk.subarray(start, feed)
      lines.push(lineOf(number++, restAt, rest.length === 0 ? piece : Buffer.concat([...rest, piece]), true))
      rest = []
      start = feed + 1
      restAt = position + start
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    position += chunk.length
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [lineOf(number, restAt, Buffer.concat(rest), false)]
}

function lineOf(number: number, at: number, bytes: Buffer, ended: boolean): Line {
  const marked = number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0
  const length = ended && bytes.at(-1) === CR ? bytes.length - 1 : bytes.length
  return {
    number,
    at: at + marked,
    bytes: bytes.subarray(marked, length),
    end: at + bytes.length + (ended ? 1 : 0),
    ended,
  }
}
