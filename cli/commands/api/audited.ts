import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type Publisher, publisher, row } from '#engine/ingest'
import { systemClock } from '#engine/time'
import { type AuditEvent, audit } from '#schemas'
import { Outbox, Tokens } from '../../../api/serving/index.ts'
import { dataFolder } from '../../../deploy/config.ts'
import { type Platform, prepareTopics } from '../../platform.ts'

/** What a broker that is away may keep an API that stops. */
const PATIENCE_MS = 2_000

/** Audit events of tokens that are not on their topic yet. */
export const outboxOf = (): Outbox => new Outbox(join(dataFolder(), 'api', 'audit'))

/** Where the hashes of tokens are; every change is noted for the audit before it is made. */
export function tokensOf(): Tokens {
  const outbox = outboxOf()
  return new Tokens(join(dataFolder(), 'api', 'tokens.json'), undefined, ({ action, token, at }) =>
    outbox.note({
      eventId: `${action}|${token.id}`,
      ...{ action, subject: token.id, name: token.name, actor: account(), scopes: token.scopes },
      ...{ reason: null, path: null, times: 1, occurredAt: at },
    }),
  )
}

/** The account that runs this; null where the machine has none of its number. */
function account(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}

/** The topic of audit events, for whoever tells them. */
export function auditTopic(platform: Platform): {
  /** Resolves when the broker has them; the same `eventId` may be there twice after a crash. */
  publish(events: readonly AuditEvent[]): Promise<void>
  close(): Promise<void>
} {
  let opened: Promise<Publisher> | undefined
  const open = async (): Promise<Publisher> => {
    const { broker, registry } = platform
    if (!(await broker.admin.topics()).has(audit.name)) await prepareTopics(platform)
    return publisher({ broker, registry, topics: [audit] })
  }
  return {
    async publish(events) {
      opened ??= open()
      try {
        const own = await opened
        await own.publish(events.map((event, n) => row(audit, event, { file: 'audit', line: n + 1 })))
        await own.flush()
      } catch (thrown) {
        // The next try begins with a client of its own.
        const failed = opened
        opened = undefined
        await (await failed.catch(() => undefined))?.close().catch(() => {})
        throw thrown
      }
    },
    async close() {
      const closed = opened?.then((own) => own.close()).catch(() => {})
      await Promise.race([closed, systemClock.sleep(PATIENCE_MS)])
    },
  }
}
