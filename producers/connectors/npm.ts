import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KappaError } from '#engine/errors'
import { runClient, sizeOf } from './pip.ts'

const POLL_MS = 200

/**
 * Downloads one package with npm into `folder`, as the archive that its registry has; nothing of it is run. Whoever calls
 * checks its hash. `onBytes` as with `pipDownload`. Throws retriable SERVICE_UNAVAILABLE where npm is missing or fails.
 */
export async function npmDownload(
  wanted: { readonly package: string; readonly version: string },
  folder: string,
  onBytes: (received: number) => void,
): Promise<void> {
  const work = join(dirname(folder), 'work')
  mkdirSync(work)
  const own = ['--silent', '--ignore-scripts', '--cache', join(work, 'cache'), '--pack-destination', folder]
  const poll = setInterval(() => onBytes(sizeOf(work) + sizeOf(folder)), POLL_MS)
  try {
    if (await runClient(['npm'], ['pack', ...own, `${wanted.package}@${wanted.version}`], work, wanted.package)) return
  } finally {
    clearInterval(poll)
  }
  const advice = 'the package client `npm` is not installed (it comes with Node)'
  throw new KappaError('SERVICE_UNAVAILABLE', `fetching ${wanted.package}: ${advice}`, { retriable: true })
}
