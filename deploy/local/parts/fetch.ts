import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import { withLock } from '../processes/lock.ts'
import { type Part, partFile } from './part.ts'
import { TransferCount } from './transfer.ts'

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** Where a part lies once fetched. Its name holds a hash of its pom, so a new pin is a new folder. */
export function partFolder(cacheFolder: string, part: Part): string {
  const hash = createHash('sha256').update(readFileSync(partFile(`${part.name}.xml`)))
  if (part.entries !== undefined) hash.update(part.entries)
  return join(cacheFolder, 'parts', `${part.name}-${hash.digest('hex').slice(0, 12)}`)
}

export const isFetched = (cacheFolder: string, part: Part): boolean => existsSync(partFolder(cacheFolder, part))

/**
 * Brings a part into the cache with the package client, unless it is there, and resolves with its folder. The folder
 * appears whole or not at all; what was downloaded before an interruption is kept by the package client and not asked
 * for again. Throws SERVICE_UNAVAILABLE where the client is missing or fails.
 */
export async function fetchPart(
  cacheFolder: string,
  part: Part,
  onBytes: (received: number) => void = () => {},
): Promise<string> {
  const folder = partFolder(cacheFolder, part)
  if (existsSync(folder)) return folder
  mkdirSync(join(cacheFolder, 'parts'), { recursive: true })
  // Two package clients writing one local repository can spoil it: one at a time on this machine's cache.
  return withLock(join(cacheFolder, 'parts', 'fetch.lock'), async () => {
    if (existsSync(folder)) return folder
    requireRoom(cacheFolder, part)
    removeLeftovers(join(cacheFolder, 'parts'))
    const temporary = `${folder}.${randomBytes(4).toString('hex')}.tmp`
    try {
      mkdirSync(join(temporary, 'files'), { recursive: true })
      copyFileSync(partFile(`${part.name}.xml`), join(temporary, 'pom.xml'))
      await runMaven(part, temporary, onBytes)
      renameSync(join(temporary, 'files'), folder)
    } finally {
      rmSync(temporary, { recursive: true, force: true })
    }
    return folder
  })
}

/** What fetches that were killed left behind; whoever holds the lock is the only one fetching. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.tmp')) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function requireRoom(cacheFolder: string, part: Part): void {
  const { bavail, bsize } = statfsSync(cacheFolder)
  const needed = part.bytes * 3
  if (bavail * bsize > needed) return
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  const detail = `it needs ${megabytes(needed)} in ${cacheFolder}, and ${megabytes(bavail * bsize)} are free`
  throw new KappaError('SERVICE_UNAVAILABLE', `fetching ${part.name}: ${detail} (KAPPA_CACHE moves the cache)`)
}

function runMaven(part: Part, folder: string, onBytes: (received: number) => void): Promise<void> {
  const goal = part.how === 'copy' ? 'copy-dependencies' : 'unpack-dependencies'
  const args = [
    '-f',
    join(folder, 'pom.xml'),
    `${plugin}:${goal}`,
    `-DoutputDirectory=${join(folder, 'files')}`,
    '-DincludeScope=runtime',
    '-Dstyle.color=never',
    '-Duser.language=en',
    ...(part.entries === undefined ? [] : [`-Dmdep.unpack.includes=${part.entries}`]),
  ]
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new KappaError('SERVICE_UNAVAILABLE', `fetching ${part.name}: ${why}`, { cause, retriable: true }))
    const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const count = new TransferCount()
    const errors: string[] = []
    const read = (chunk: Buffer) => {
      const text = chunk.toString()
      errors.push(...text.split('\n').filter((line) => line.startsWith('[ERROR]') || line.startsWith('Error')))
      onBytes(count.add(text))
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', (cause: NodeJS.ErrnoException) =>
      cause.code === 'ENOENT'
        ? fail('the package client `mvn` is not installed (Debian: apt install maven; macOS: brew install maven)')
        : fail('running mvn', cause),
    )
    child.once('exit', (code) =>
      code === 0 ? resolve() : fail(`mvn ended with ${code}\n${errors.slice(0, 3).join('\n')}`),
    )
  })
}
