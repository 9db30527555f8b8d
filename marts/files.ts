import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KappaError } from '#engine/errors'
import { parseMart } from './front-matter.ts'
import { inOrder } from './graph.ts'
import { CATEGORIES, type Mart } from './mart.ts'

const house = fileURLToPath(new URL('.', import.meta.url))

/** Every `.sql` file below a folder as a mart, in order of what reads what. `timeZone`: of the calendar, an IANA name. */
export function readMarts(timeZone: string, folder: string = house): readonly Mart[] {
  const marts = sqlFiles(folder).map((file) => {
    const category = CATEGORIES.find((one) => one === basename(dirname(file)))
    if (category === undefined)
      throw new KappaError('CONFIG_INVALID', `reading ${file}: it is in none of ${CATEGORIES.join(', ')}`)
    return parseMart({ name: basename(file, '.sql'), category, text: readFileSync(file, 'utf8') }, timeZone)
  })
  const names = new Set<string>()
  for (const name of marts.flatMap(({ name, english }) => [name, ...(english === undefined ? [] : [english])])) {
    if (names.has(name)) throw new KappaError('CONFIG_INVALID', `reading marts: two are called ${name}`)
    names.add(name)
  }
  return inOrder(marts)
}

const sqlFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sqlFiles(path)
    return entry.name.endsWith('.sql') ? [path] : []
  })
