import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import type { RedisConnection } from './connection.ts'

const CHECK_MS = 50
const CHECKS = 1_200

/**
 * Resolves when Redis' append-only file holds nothing but what is there now. A rewrite that was under way at the call
 * began before it and may still hold what was replaced: it is waited for, and another follows. Throws STORE where Redis
 * refuses or does not end within a minute; what the caller changed stays changed.
 */
export async function rewriteLog(redis: RedisConnection, clock: Clock): Promise<void> {
  await idle(redis, clock)
  await redis.pipeline((commands) => commands.bgrewriteaof())
  await idle(redis, clock)
  const info = await persistence(redis)
  if (!info.includes('aof_last_bgrewrite_status:ok'))
    throw new KappaError('STORE', "rewriting Redis' append-only file: the last rewrite failed")
}

async function idle(redis: RedisConnection, clock: Clock): Promise<void> {
  for (let check = 0; check < CHECKS; check++) {
    const info = await persistence(redis)
    if (info.includes('aof_rewrite_in_progress:0') && info.includes('aof_rewrite_scheduled:0')) return
    await clock.sleep(CHECK_MS)
  }
  throw new KappaError('STORE', "rewriting Redis' append-only file: no end in a minute")
}

async function persistence(redis: RedisConnection): Promise<string> {
  const [info] = await redis.pipeline((commands) => commands.info('persistence'))
  return String(info)
}
