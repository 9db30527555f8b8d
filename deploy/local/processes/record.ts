import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writePrivate } from '../settings.ts'
import { identityOf } from './identity.ts'

const recordSchema = z.object({
  pid: z.int().positive(),
  /** See `identityOf`. */
  identity: z.string(),
  /** ISO 8601, for people. */
  startedAt: z.string(),
})

/** A process that this data folder started: `run/<name>.json`. */
export type ProcessRecord = z.infer<typeof recordSchema>

const fileOf = (dataFolder: string, name: string) => join(dataFolder, 'run', `${name}.json`)

export function writeRecord(dataFolder: string, name: string, record: ProcessRecord): void {
  mkdirSync(join(dataFolder, 'run'), { recursive: true })
  writePrivate(fileOf(dataFolder, name), `${JSON.stringify(record)}\n`)
}

export function removeRecord(dataFolder: string, name: string): void {
  rmSync(fileOf(dataFolder, name), { force: true })
}

/** The names under which this folder ever recorded a process; some may have ended. */
export function recordedNames(dataFolder: string): string[] {
  const folder = join(dataFolder, 'run')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
}

/** The process recorded under this name, if it is still the same process and alive. */
export function livingProcess(dataFolder: string, name: string): ProcessRecord | undefined {
  let text: string
  try {
    text = readFileSync(fileOf(dataFolder, name), 'utf8')
  } catch {
    return undefined
  }
  const parsed = recordSchema.safeParse(parse(text))
  if (!parsed.success) return undefined
  return identityOf(parsed.data.pid) === parsed.data.identity ? parsed.data : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
