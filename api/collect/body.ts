import type { IncomingMessage } from 'node:http'
import type { Problem } from './problem.ts'

/** `navigator.sendBeacon` sends text without asking first (Fetch Standard, "CORS-safelisted request-header"). */
const TYPES = ['application/json', 'text/plain']

/** The text of a request, or what is wrong with it. Rejects where the sender goes away. */
export async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | Problem> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!TYPES.includes(type))
    return { status: 415, title: 'Unsupported Media Type', detail: `content-type is none of ${TYPES.join(', ')}` }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
    return { status: 415, title: 'Unsupported Media Type', detail: 'content-encoding is not possible' }
  const tooLarge: Problem = {
    ...{ status: 413, title: 'Content Too Large', detail: `a batch has ${maxBytes} bytes at most; send several` },
  }
  if (Number(request.headers['content-length'] ?? '0') > maxBytes) return tooLarge
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > maxBytes) return tooLarge
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
