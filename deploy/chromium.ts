import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { KappaError } from '#engine/errors'

/** What a Chromium or Chrome is called on the path. */
export const chromiumNames: readonly string[] = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
]

/**
 * Where a Chromium or Chrome is: the one that is given, or else the first on the path. Throws CONFIG_INVALID saying what to
 * install where there is none.
 */
export function chromiumOn(path: string, given: string | undefined): string {
  if (given !== undefined) {
    if (isProgram(given)) return given
    throw new KappaError('CONFIG_INVALID', `reading the environment: KAPPA_CHROMIUM: ${given} is no program`)
  }
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  const found = chromiumNames.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram)
  if (found !== undefined) return found
  const advice =
    'install one (Debian: apt install chromium; Fedora: dnf install chromium; macOS: brew install --cask chromium)'
  throw new KappaError(
    'CONFIG_INVALID',
    `looking for a browser: there is no Chromium; ${advice}, or set KAPPA_CHROMIUM`,
  )
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
