import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse } from 'yaml'
import { memoryVault } from '#engine/governance'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import type { Clock } from '#engine/time'
import { topics } from '#schemas'
import type { ObjectFiles } from '../originals.ts'
import { filesSourcesOf } from './config.ts'
import { type FilesOptions, ingestFiles } from './ingest.ts'
import { folderLanding } from './landing.ts'

/** A bucket that is a folder. */
export function folderObjects(folder: string): ObjectFiles {
  const at = (key: string) => join(folder, key)
  const made = (key: string) => mkdirSync(dirname(at(key)), { recursive: true })
  return {
    async putFile(key, path) {
      made(key)
      copyFileSync(path, at(key))
    },
    async put(key, body) {
      made(key)
      writeFileSync(at(key), body)
    },
    async getFile(key, path) {
      if (!existsSync(at(key))) return false
      copyFileSync(at(key), path)
      return true
    },
    async list(prefix) {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      return entries.flatMap(({ parentPath, name }) => {
        const { size, mtimeMs } = statSync(join(parentPath, name))
        const key = relative(folder, join(parentPath, name))
        return key.startsWith(prefix) ? [{ key, bytes: size, modified: mtimeMs }] : []
      })
    },
  }
}

export const sourcesOf = (yaml: string) => filesSourcesOf(parse(yaml), 'the test', topics)
export const shippedSources = () =>
  sourcesOf(readFileSync(join(import.meta.dirname, '../../../deploy/sources/files.yml'), 'utf8'))

/** A clock of which sleeping takes no time; `ahead` of the machine's by so many milliseconds. */
export function quickClock(ahead = 3_600_000): Clock {
  let slept = ahead
  return {
    now: () => Date.now() + slept,
    sleep: async (milliseconds) => {
      slept += milliseconds
      await new Promise(setImmediate)
    },
  }
}

/** A place where files land, and a broker in memory that they go to. The test's clock is an hour ahead: files are still. */
export async function landingPlace(folder: string) {
  const [broker, registry, vault] = [fakeBroker(), memoryRegistry(), memoryVault()]
  for (const topic of topics) await registry.register(topic)
  await broker.admin.ensure(topics.map(({ name }) => ({ name, partitions: 4, settings: {} })))
  const staging = join(folder, 'staging')
  mkdirSync(staging, { recursive: true })
  const objects = folderObjects(join(folder, 'bucket'))
  mkdirSync(join(folder, 'bucket'))
  return {
    broker,
    registry,
    objects,
    staging,
    write(name: string, content: string | Buffer) {
      mkdirSync(dirname(join(staging, name)), { recursive: true })
      writeFileSync(join(staging, name), content)
    },
    original: (key: string) => readFileSync(join(folder, 'bucket', key)),
    ingest(source: FilesOptions['source'], change: Partial<FilesOptions> = {}) {
      const from = 'folder' in source.from ? source.from.folder : ''
      return ingestFiles({
        ...{ source, objects, broker, registry, vault, app: 'test' },
        landing: folderLanding(join(staging, from)),
        spool: join(folder, 'spool'),
        clock: quickClock(),
        ...change,
      })
    },
  }
}
