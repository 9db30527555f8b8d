import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { KappaError } from '#engine/errors'
import { topics } from '#schemas'
import { filesConfig, pagesConfig, sqlConfig } from '../deploy/config.ts'
import { type FilesSource, filesSourcesOf } from '../producers/connectors/files/index.ts'
import { type PagesSource, pagesSourcesOf } from '../producers/connectors/pages/index.ts'
import { type SqlSource, sqlSourcesOf } from '../producers/connectors/sql/index.ts'

/** The sources of files that are declared. Throws CONFIG_INVALID naming the file and what is wrong in it. */
export function filesSources(path: string = filesConfig()): readonly FilesSource[] {
  return filesSourcesOf(contentOf(path), path, topics)
}

function contentOf(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', `reading ${path}`, { cause })
  }
}

/** The sources of these names, all of them where none is given. Throws CONFIG_INVALID telling those there are. */
export function filesSourcesNamed(names: readonly string[], path?: string): readonly FilesSource[] {
  const all = filesSources(path)
  for (const name of names)
    if (!all.some((source) => source.name === name))
      throw new KappaError(
        'CONFIG_INVALID',
        `looking for the source '${name}': there are ${all.map((one) => one.name).join(', ')}`,
      )
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
}

/** The databases that are declared. Throws CONFIG_INVALID naming the file and what is wrong in it. */
export const sqlSources = (path: string = sqlConfig()): readonly SqlSource[] =>
  sqlSourcesOf(contentOf(path), path, topics)

/** The database of this name. Throws CONFIG_INVALID telling those there are, or what is wrong in the file. */
export function sqlSourceNamed(name: string, path: string = sqlConfig()): SqlSource {
  const all = sqlSources(path)
  const found = all.find((source) => source.name === name)
  if (found !== undefined) return found
  const known = all.map((one) => one.name).join(', ') || 'none'
  throw new KappaError('CONFIG_INVALID', `looking for the source '${name}': there are ${known} in ${path}`)
}

/** The sites whose pages are declared. Throws CONFIG_INVALID naming the file and what is wrong in it. */
export const pagesSources = (path: string = pagesConfig()): readonly PagesSource[] =>
  pagesSourcesOf(contentOf(path), path, topics)

/** The site of this name. Throws CONFIG_INVALID telling those there are, or what is wrong in the file. */
export function pagesSourceNamed(name: string, path: string = pagesConfig()): PagesSource {
  const all = pagesSources(path)
  const found = all.find((source) => source.name === name)
  if (found !== undefined) return found
  const known = all.map((one) => one.name).join(', ') || 'none'
  throw new KappaError('CONFIG_INVALID', `looking for the source '${name}': there are ${known} in ${path}`)
}
