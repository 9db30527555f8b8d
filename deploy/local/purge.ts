import { existsSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, parse, resolve } from 'node:path'
import { KappaError } from '#engine/errors'
import { settingsFile } from './settings.ts'
import { stopStack } from './stack.ts'

/** The entries of a data or cache folder: what purging it deletes. */
export function purgeable(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((name) => join(folder, name))
}

/**
 * Stops what runs from this data folder, then deletes the folder: events, tables, objects, keys, credentials. Throws
 * CONFIG_INVALID for a folder that is not a data folder of Kappa's (it has entries, but no config file of ours).
 */
export async function purgeData(dataFolder: string): Promise<void> {
  if (purgeable(dataFolder).length === 0) return
  const folder = resolve(dataFolder)
  if (isPrecious(folder) || !existsSync(settingsFile(folder))) {
    throw new KappaError('CONFIG_INVALID', `deleting ${folder}: it is not a data folder of Kappa's`)
  }
  await stopStack(folder)
  rmSync(folder, { recursive: true, force: true })
}

/**
 * Deletes the cache folder: parts and data sets, fetched again on next use. Throws CONFIG_INVALID for a folder in which
 * Kappa never put a part.
 */
export function purgeCache(cacheFolder: string): void {
  if (purgeable(cacheFolder).length === 0) return
  if (isPrecious(cacheFolder) || !existsSync(join(cacheFolder, 'parts'))) {
    throw new KappaError('CONFIG_INVALID', `deleting ${cacheFolder}: it is not a cache of Kappa's`)
  }
  rmSync(cacheFolder, { recursive: true, force: true })
}

/** Folders that nobody means to delete, whatever lies in them. */
function isPrecious(folder: string): boolean {
  const path = resolve(folder)
  return [homedir(), parse(path).root, process.cwd()].includes(path) || existsSync(join(path, '.git'))
}
