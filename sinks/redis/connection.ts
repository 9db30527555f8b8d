import { type ChainableCommander, Redis } from 'ioredis'
import { KappaError } from '#engine/errors'

export interface RedisOptions {
  /** `redis://[user:password@]host:port[/db]`, or `rediss:`. */
  readonly url: string
  /** How long a round trip may take, connecting included, before the service counts as away. Milliseconds. @defaultValue 3000 */
  readonly timeoutMs?: number
}

export interface RedisConnection {
  /** Sends the commands in one write and gives their answers in order. Throws retriable SERVICE_UNAVAILABLE while Redis is away. */
  pipeline(build: (commands: ChainableCommander) => ChainableCommander): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** What Redis says to a client that may not come in: waiting changes nothing. */
const REFUSED = /WRONGPASS|NOAUTH|NOPERM|invalid password|DENIED/i

/**
 * One connection that fails fast: no queue of commands while Redis is away, none sent twice, every wait bounded. It
 * reconnects by itself in the background; the caller decides when to ask again.
 */
export function connect({ url, timeoutMs = 3_000 }: RedisOptions): RedisConnection {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 1_000),
  })
  const { host, port } = redis.options
  const doing = `asking Redis at ${host}:${port}`
  let last: unknown
  redis.on('error', (error: unknown) => {
    last = error
  })

  const away = (cause: unknown): KappaError =>
    REFUSED.test(cause instanceof Error ? cause.message : '')
      ? new KappaError('CONFIG_INVALID', doing, { cause })
      : new KappaError('SERVICE_UNAVAILABLE', doing, { cause, retriable: true })

  /** Resolves when commands can be sent; rejects after the time-out with the last thing that went wrong. */
  const ready = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (redis.status === 'ready') return resolve()
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        redis.off('ready', onReady)
        outcome()
      }
      const onReady = () => settle(resolve)
      const timer = setTimeout(
        () => settle(() => reject(away(last ?? new Error(`no answer in ${timeoutMs} ms`)))),
        timeoutMs,
      )
      redis.once('ready', onReady)
      // A first attempt that fails is followed by others: `ready` or the timer decides, not this promise.
      if (redis.status === 'wait') redis.connect().catch((error: unknown) => (last = error))
    })

  return {
    async pipeline(build) {
      await ready()
      let answers: [Error | null, unknown][] | null
      try {
        answers = await build(redis.pipeline()).exec()
      } catch (cause) {
        throw away(cause)
      }
      if (answers === null) throw away(new Error('the connection was lost'))
      return answers.map(([error, answer]) => {
        if (error) throw away(error)
        return answer
      })
    },
    async close() {
      redis.disconnect()
    },
  }
}
