import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { header } from './authentication.ts'
import { encodings, isEncoding } from './encodings.ts'
import type { Engine } from './engine.ts'
import { DatabaseError, errorCode } from './errors.ts'
import { stringLiteral } from './literal.ts'
import type { Spool } from './spool.ts'

const inflate = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress } as const

/**
 * The body as it was before `Content-Encoding`, piece by piece. What zlib does not know the engine decompresses, from
 * file to file. Throws where the client breaks off or the bytes are not what the header says.
 */
export async function* decodedBody(request: IncomingMessage, engine: Engine, spool: Spool): AsyncGenerator<Buffer> {
  const named = (header(request, 'content-encoding') ?? 'identity').trim().toLowerCase()
  const encoding = named === 'x-gzip' ? 'gzip' : named
  if (encoding === 'identity' || encoding === '') {
    yield* request as AsyncIterable<Buffer>
  } else if (encoding === 'gzip' || encoding === 'deflate' || encoding === 'br') {
    const stream = inflate[encoding]()
    pipeline(request, stream, () => {})
    try {
      for await (const piece of stream) yield piece as Buffer
    } catch (thrown) {
      throw request.complete ? notDecompressed(encoding, thrown) : thrown
    }
  } else if (isEncoding(encoding)) {
    yield* throughEngine(request, encodings[encoding], engine, spool)
  } else {
    throw new DatabaseError(errorCode.unknownCompressionMethod, `Unknown compression method '${encoding}'`)
  }
}

async function* throughEngine(request: IncomingMessage, method: string, engine: Engine, spool: Spool) {
  const packed = spool.file()
  const plain = spool.file()
  const connection = engine.open()
  try {
    await pipelined(request, createWriteStream(packed.path))
    // One byte a row: whatever the bytes are, they come out as they went in, in bounded memory.
    const source = `file(${stringLiteral(packed.path)}, 'RowBinary', 'byte UInt8', '${method}')`
    const target = `INTO OUTFILE ${stringLiteral(plain.path)} COMPRESSION 'none' FORMAT RowBinary SETTINGS max_threads = 1`
    await connection.run(`SELECT byte FROM ${source} ${target}`).catch((thrown) => {
      throw notDecompressed(method, thrown)
    })
    for await (const piece of createReadStream(plain.path)) yield piece as Buffer
  } finally {
    connection.close()
    await Promise.all([packed.remove(), plain.remove()])
  }
}

const notDecompressed = (method: string, thrown: unknown) =>
  new DatabaseError(
    errorCode.cannotDecompress,
    `Cannot decompress the body as ${method}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  )

/** Writes pieces to a file, no faster than the disk takes them; answers how many bytes there were. */
export async function writeAll(path: string, pieces: AsyncIterable<Buffer>): Promise<number> {
  const file = createWriteStream(path, { highWaterMark: 1024 * 1024 })
  let size = 0
  try {
    for await (const piece of pieces) {
      size += piece.length
      if (!file.write(piece)) await once(file, 'drain')
    }
    file.end()
    await once(file, 'close')
    return size
  } catch (thrown) {
    file.destroy()
    throw thrown
  }
}
