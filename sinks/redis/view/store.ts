import { addHashes, type RowSum } from '#engine/delivery'
import type { RedisConnection } from '../connection.ts'
import type { ViewRow } from './rows.ts'

/**
 * One hash an identity. A row is written only over an older one, in one step on the server (Redis runs a script whole), so
 * whoever comes late (a cut tried again, a zombie, a rebuild beside live traffic) changes nothing. A retracted row stays as
 * an empty one: its version is what keeps an older row out.
 */
const UPSERT = `
local written = 0
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 5
  local version = ARGV[at + 1]
  local current = redis.call('HGET', key, 'version')
  if not current or current < version then
    redis.call('HSET', key, 'version', version, 'row', ARGV[at + 2], 'hash', ARGV[at + 3], 'at', ARGV[at + 4])
    if ARGV[at + 5] == '' then redis.call('PERSIST', key) else redis.call('PEXPIREAT', key, ARGV[at + 5]) end
    written = written + 1
  end
end
return written`

/** Rows of one script call: others wait for it, about a millisecond. */
const ROWS_OF_CALL = 200
const CALLS_OF_PIPELINE = 10

/** `kappa:view:<place>:<identity>`; the place is the topic, or a generation's own beside it. */
const keyOf = (place: string, identity: string): string => `kappa:view:${place}:${identity}`

/** How many of the rows were later than what was there. */
export async function upsert(redis: RedisConnection, place: string, rows: readonly ViewRow[]): Promise<number> {
  let written = 0
  for (let from = 0; from < rows.length; from += ROWS_OF_CALL * CALLS_OF_PIPELINE) {
    const part = rows.slice(from, from + ROWS_OF_CALL * CALLS_OF_PIPELINE)
    const answers = await redis.pipeline((commands) => {
      for (let call = 0; call < part.length; call += ROWS_OF_CALL) {
        const own = part.slice(call, call + ROWS_OF_CALL)
        const values = own.flatMap(({ version, row, hash, at, expiresAt }) => [version, row, hash, at, expiresAt ?? ''])
        commands.eval(UPSERT, own.length, ...own.map(({ identity }) => keyOf(place, identity)), ...values)
      }
      return commands
    })
    for (const answer of answers) written += Number(answer)
  }
  return written
}

/** The rows of identities, as JSON text, in their order; undefined where there is none. */
export async function rowsOf(
  redis: RedisConnection,
  place: string,
  identities: readonly string[],
): Promise<readonly (string | undefined)[]> {
  const answers = await redis.pipeline((commands) => {
    for (const identity of identities) commands.hget(keyOf(place, identity), 'row')
    return commands
  })
  return answers.map((answer) => (typeof answer === 'string' && answer !== '' ? answer : undefined))
}

const SCANNED = 1_000

async function eachKeys(redis: RedisConnection, place: string, take: (keys: readonly string[]) => Promise<void>) {
  // The place is a topic's name: nothing in it is a pattern.
  const pattern = keyOf(place, '*')
  for (let cursor = '0'; ; ) {
    const [answer] = await redis.pipeline((commands) => commands.scan(cursor, 'MATCH', pattern, 'COUNT', SCANNED))
    const [next, keys] = answer as [string, string[]]
    if (keys.length > 0) await take(keys)
    if (next === '0') return
    cursor = next
  }
}

/** Rows that are there and were written at `since` or later, and the sum of their hashes. */
export async function tally(redis: RedisConnection, place: string, since: number): Promise<RowSum> {
  const seen = new Set<string>()
  let sum: RowSum = { rows: 0, hashSum: '0' }
  await eachKeys(redis, place, async (keys) => {
    // A scan may name a key twice.
    const fresh = keys.filter((key) => !seen.has(key))
    for (const key of fresh) seen.add(key)
    const answers = await redis.pipeline((commands) => {
      for (const key of fresh) commands.hmget(key, 'row', 'hash', 'at')
      return commands
    })
    for (const answer of answers) {
      const [row, hash, at] = answer as (string | null)[]
      if (!row || !hash || Number(at) < since) continue
      sum = { rows: sum.rows + 1, hashSum: addHashes(sum.hashSum, hash) }
    }
  })
  return sum
}

/** Removes everything of a place. */
export async function clear(redis: RedisConnection, place: string): Promise<number> {
  let gone = 0
  await eachKeys(redis, place, async (keys) => {
    await redis.pipeline((commands) => commands.unlink(...keys))
    gone += keys.length
  })
  return gone
}
