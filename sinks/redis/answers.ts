import type { Clock } from '#engine/time'
import { systemClock } from '#engine/time'
import { connect, type RedisOptions } from './connection.ts'

/** The last raw answer to a request, as JSON's values; `producers/connectors/http` says what is in it. */
export interface RawAnswer {
  readonly source: string
  readonly url: string
  readonly receivedAt: number
}

export interface RedisAnswersOptions extends RedisOptions {
  /** How long an answer is kept. Milliseconds. @defaultValue 7 days */
  readonly keepMs?: number
  /** Requests of a source whose answers are kept; the oldest go first. @defaultValue 1000 */
  readonly most?: number
  readonly clock?: Clock
}

export interface RedisAnswers<A extends RawAnswer> {
  /** In place of the last answer to the same request. Throws retriable SERVICE_UNAVAILABLE while Redis is away. */
  keep(answer: A): Promise<void>
  /** Of a source, the latest first. */
  latest(source: string, count: number): Promise<readonly A[]>
  close(): Promise<void>
}

const PREFIX = 'kappa:answers:'
const WEEK_MS = 7 * 86_400_000

/**
 * The last answers of each source: a hash of bodies by address, and beside it a sorted set by the time they came, so that
 * what is old or too much can be found and dropped. Both expire when nothing comes any more.
 */
export function redisAnswers<A extends RawAnswer>(options: RedisAnswersOptions): RedisAnswers<A> {
  const { keepMs = WEEK_MS, most = 1_000, clock = systemClock } = options
  const redis = connect(options)
  const keysOf = (source: string) => ({ bodies: `${PREFIX}{${source}}:bodies`, times: `${PREFIX}{${source}}:times` })

  /** Addresses that are too old, or older than the `most` latest. */
  const outdated = async (times: string): Promise<string[]> => {
    const [old, many] = await redis.pipeline((commands) =>
      commands.zrangebyscore(times, '-inf', String(clock.now() - keepMs)).zrange(times, '0', String(-most - 1)),
    )
    return [...new Set([...(old as string[]), ...(many as string[])])]
  }

  return {
    async keep(answer) {
      const { bodies, times } = keysOf(answer.source)
      await redis.pipeline((commands) =>
        commands
          .hset(bodies, answer.url, JSON.stringify(answer))
          .zadd(times, answer.receivedAt, answer.url)
          .pexpire(bodies, keepMs)
          .pexpire(times, keepMs),
      )
      const gone = await outdated(times)
      if (gone.length > 0) await redis.pipeline((commands) => commands.hdel(bodies, ...gone).zrem(times, ...gone))
    },
    async latest(source, count) {
      const { bodies, times } = keysOf(source)
      const [urls] = (await redis.pipeline((commands) => commands.zrevrange(times, 0, count - 1))) as [string[]]
      if (urls.length === 0) return []
      const [texts] = (await redis.pipeline((commands) => commands.hmget(bodies, ...urls))) as [(string | null)[]]
      return texts.filter((text) => text !== null).map((text) => JSON.parse(text) as A)
    },
    close: () => redis.close(),
  }
}
