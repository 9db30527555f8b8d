import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { KappaError } from '#engine/errors'
import type { ObjectFiles } from '../originals.ts'

/** A file that lies there now. */
export interface Found {
  /** Relative to the source's place, with `/`. */
  readonly name: string
  readonly bytes: number
  /** When it was last written, milliseconds. */
  readonly modified: number
}

/** A file copied to where nobody else writes, with the hash of what was copied. */
export interface Copy {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
}

/** Where the files of a source land. */
export interface Landing {
  /** Every file, in the order of names. */
  list(): Promise<readonly Found[]>
  /** Copies a file; undefined where it changed meanwhile, or is gone: it is left until it is still. */
  copy(file: Found, path: string): Promise<Copy | undefined>
}

/** Names that are never files to be read: hidden ones, and those that are being written under another name. */
const PASSING = /(^|\/)\.|\.(part|tmp|filepart|crdownload)$/

/** A folder and those below it. CONFIG_INVALID where it is not there, unless it `mayLack`: then it has no files yet. */
export function folderLanding(folder: string, mayLack = false): Landing {
  return {
    async list() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
        if (mayLack && (cause as { code?: string }).code === 'ENOENT') return []
        throw new KappaError('CONFIG_INVALID', `looking for files in ${folder}`, { cause })
      })
      const found: Found[] = []
      for (const entry of entries) {
        if (!entry.isFile()) continue
        const path = join(entry.parentPath, entry.name)
        const name = relative(folder, path).split(sep).join('/')
        if (PASSING.test(name)) continue
        const now = await stat(path).catch(() => undefined)
        if (now !== undefined) found.push({ name, bytes: now.size, modified: Math.floor(now.mtimeMs) })
      }
      return found.sort(byName)
    },
    async copy({ name, bytes, modified }, path) {
      const from = join(folder, name)
      const copied = await copyOf(from, path).catch((thrown: unknown) => {
        if (!existsSync(from)) return undefined
        throw new KappaError('STORE', `copying ${from} to ${path}`, { cause: thrown })
      })
      const now = await stat(from).catch(() => undefined)
      if (copied?.bytes === bytes && now?.size === bytes && Math.floor(now.mtimeMs) === modified) return copied
      await rm(path, { force: true })
      return undefined
    },
  }
}

/** What lies under a prefix of the bucket. An object appears whole, so it is still at once. */
export function prefixLanding(objects: ObjectFiles, prefix: string): Landing {
  return {
    async list() {
      const found = (await objects.list(prefix)).map(({ key, bytes, modified }) => ({
        name: key.slice(prefix.length),
        bytes,
        modified,
      }))
      return found.filter(({ name }) => name !== '' && !name.endsWith('/') && !PASSING.test(name)).sort(byName)
    },
    async copy({ name, bytes }, path) {
      if (!(await objects.getFile(`${prefix}${name}`, path))) return undefined
      const copied = { path, ...(await hashOf(path)) }
      return copied.bytes === bytes ? copied : undefined
    },
  }
}

const byName = (a: Found, b: Found): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

async function copyOf(from: string, path: string): Promise<Copy> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(
    createReadStream(from),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    createWriteStream(path),
  )
  return { path, sha256: hash.digest('hex'), bytes }
}

/** sha256 (hex) of a file, or of its first `limit` bytes. */
export async function hashOf(
  path: string,
  limit?: number,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  if (limit !== 0)
    for await (const chunk of createReadStream(path, limit === undefined ? {} : { end: limit - 1 })) {
      hash.update(chunk as Buffer)
      bytes += (chunk as Buffer).length
    }
  return { sha256: hash.digest('hex'), bytes }
}
