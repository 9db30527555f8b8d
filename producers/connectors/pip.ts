import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KappaError } from '#engine/errors'

/** The ways in which pip is installed, tried in turn. */
const CLIENTS: readonly (readonly string[])[] = [['pip'], ['pip3'], ['python3', '-m', 'pip']]
const POLL_MS = 200

/**
 * Downloads one pinned package with pip into `folder`. pip itself refuses a file with another hash, before it looks into
 * it. `onBytes` is told the bytes received, from the size of what pip has written so far. Throws retriable
 * SERVICE_UNAVAILABLE where pip is missing or fails.
 */
export async function pipDownload(
  wanted: { readonly package: string; readonly version: string; readonly sha256: string },
  folder: string,
  onBytes: (received: number) => void,
): Promise<void> {
  const work = join(dirname(folder), 'work')
  mkdirSync(work)
  const requirements = join(work, 'requirements.txt')
  writeFileSync(requirements, `${wanted.package}==${wanted.version} --hash=sha256:${wanted.sha256}\n`)
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off']
  const args = ['download', ...quiet, '--no-deps', '--require-hashes', '-r', requirements, '-d', folder]
  const poll = setInterval(() => onBytes(sizeOf(work) + sizeOf(folder)), POLL_MS)
  try {
    for (const client of CLIENTS) if (await runClient(client, args, work, wanted.package)) return
  } finally {
    clearInterval(poll)
  }
  const advice =
    'the package client `pip` is not installed (Debian: apt install python3-pip; macOS: brew install python)'
  throw new KappaError('SERVICE_UNAVAILABLE', `fetching ${wanted.package}: ${advice}`, { retriable: true })
}

/**
 * Runs a package client. False where it is not installed. `env` gives it a folder for its temporary files that can be watched.
 * Throws retriable SERVICE_UNAVAILABLE where it fails.
 */
export function runClient(
  client: readonly string[],
  args: readonly string[],
  work: string,
  name: string,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new KappaError('SERVICE_UNAVAILABLE', `fetching ${name}: ${why}`, { cause, retriable: true }))
    const child = spawn('env', [`TMPDIR=${work}`, ...client, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
    const errors: string[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
    child.once('error', (cause) => fail(`running ${client.join(' ')}`, cause))
    child.once('close', (code) => {
      const text = errors.join('')
      if (code === 0) return resolve(true)
      if (code === 127 || text.includes('No module named pip')) return resolve(false)
      const lines = text.split('\n').filter((line) => /^(npm )?err/i.test(line))
      fail(`${client.join(' ')} ended with ${code}\n${lines.slice(0, 3).join('\n')}`)
    })
  })
}

/** Bytes of all files beneath a folder; files that vanish meanwhile count nothing. */
export function sizeOf(folder: string): number {
  let bytes = 0
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) bytes += sizeOf(path)
      else bytes += statSync(path).size
    }
  } catch {
    // pip moved it away between the listing and the look: counted at the next poll
  }
  return bytes
}
