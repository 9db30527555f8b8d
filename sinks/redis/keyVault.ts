import { KappaError } from '#engine/errors'
import {
  type KeyVault,
  type MasterKey,
  masterKey,
  newSecret,
  type SubjectSecret,
  unwrapSecret,
  wrapSecret,
} from '#engine/governance'
import { type Clock, systemClock } from '#engine/time'
import { connect, type RedisOptions } from './connection.ts'
import { rewriteLog } from './rewriteLog.ts'
import { type SecretCache, secretCache } from './secretCache.ts'

export interface RedisKeyVaultOptions extends RedisOptions {
  /** 32 bytes in base64: wraps every secret, so that Redis and its files hold nothing that opens a field. */
  readonly masterKey: string
  /** How long a secret may be used without asking again: an erasure is complete only after this. Milliseconds. @defaultValue 30000 */
  readonly cacheMs?: number
  /** Subjects remembered at once. @defaultValue 100000 */
  readonly cacheEntries?: number
  readonly clock?: Clock
}

export interface RedisKeyVault extends KeyVault {
  /**
   * Destroys the subject's secret for good: the marker `erased` takes its place, no secret is ever made again, and the
   * append-only file is rewritten without the wrapped bytes before this resolves. Other processes may use a cached secret
   * for `cacheMs` more. Throws STORE where the file could not be rewritten: erase again.
   */
  erase(subject: string): Promise<void>
}

/** Stands where a secret was. SET NX cannot replace it, so a suppressed subject never gets a secret again. */
const ERASED_MARKER = 'erased'

const PREFIX = 'kappa:secret:'

/**
 * The vault on Redis (governance.md, "PII"). A batch costs one round trip: for every subject not in the cache `SET NX` with
 * a fresh wrapped secret, then `GET`, pipelined; what GET answers counts, so two processes that meet a subject at the same
 * moment use the same secret. Needs Redis with `appendonly yes` and `appendfsync always`: a lost secret is an erasure.
 */
export function redisKeyVault(options: RedisKeyVaultOptions): RedisKeyVault {
  const master = masterKey(options.masterKey)
  const redis = connect(options)
  const clock = options.clock ?? systemClock
  const cache = secretCache(clock, options.cacheMs ?? 30_000, options.cacheEntries ?? 100_000)
  return {
    async secrets(subjects) {
      const found = new Map<string, SubjectSecret | null>()
      const unknown = lookUp(cache, subjects, found)
      if (unknown.length === 0) return found
      const answers = await redis.pipeline((commands) => {
        for (const subject of unknown) {
          const key = PREFIX + subject
          commands.set(key, wrapSecret(master, subject, newSecret()), 'NX').get(key)
        }
        return commands
      })
      for (const [i, subject] of unknown.entries()) {
        const secret = secretFrom(master, subject, answers[2 * i + 1])
        cache.keep(subject, secret)
        found.set(subject, secret)
      }
      return found
    },
    async erase(subject) {
      await redis.pipeline((commands) => commands.set(PREFIX + subject, ERASED_MARKER))
      cache.keep(subject, null)
      await rewriteLog(redis, clock)
    },
    close: () => redis.close(),
  }
}

/** Takes what the cache knows into `found`; the rest, each once. */
function lookUp(cache: SecretCache, subjects: readonly string[], found: Map<string, SubjectSecret | null>): string[] {
  const unknown = new Set<string>()
  for (const subject of subjects) {
    const secret = cache.get(subject)
    if (secret === undefined) unknown.add(subject)
    else found.set(subject, secret)
  }
  return [...unknown]
}

function secretFrom(master: MasterKey, subject: string, answer: unknown): SubjectSecret | null {
  if (answer === ERASED_MARKER) return null
  if (typeof answer === 'string') return unwrapSecret(master, subject, answer)
  throw new KappaError('SERVICE_UNAVAILABLE', 'reading a secret back: Redis lost it at once (does it evict keys?)', {
    retriable: true,
  })
}
