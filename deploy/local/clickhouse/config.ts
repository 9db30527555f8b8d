import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { KappaError } from '#engine/errors'

const user = z.strictObject({
  name: z.string().min(1),
  password: z.string(),
  /** May only read: every write, definition and reach outside the database is refused. */
  readonly: z.boolean(),
})

const configSchema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(0).max(65_535),
  /** Everything the engine keeps; one process may hold it. */
  dataFolder: z.string().min(1),
  users: z.array(user).min(1),
  /** Bytes one query may use before it is refused with code 241; 4 GiB unless said. */
  maxQueryMemory: z
    .int()
    .positive()
    .default(4 * 1024 ** 3),
  /** Bytes the whole engine may use; 6 GiB unless said. */
  maxServerMemory: z
    .int()
    .positive()
    .default(6 * 1024 ** 3),
})

export type User = z.infer<typeof user>
export type Config = z.infer<typeof configSchema>

/** Reads and checks the config file. Throws CONFIG_INVALID naming the key that cannot be used. */
export function readConfig(file: string): Config {
  const doing = `reading ClickHouse's config ${file}`
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new KappaError('CONFIG_INVALID', doing, { cause })
  }
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new KappaError('CONFIG_INVALID', `${doing}: ${problems.join('; ')}`)
}
