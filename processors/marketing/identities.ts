import { processor } from '#engine'
import { type IdentityEvidence, identities, pageViews, purchases } from '#schemas'

interface Known {
  readonly customerId: string
  readonly evidence: IdentityEvidence
  readonly at: number
}

const live = { idleAfter: '10 seconds' } as const

/**
 * Who visitors turn out to be, as of when they signed in or paid. A browser that somebody else signs in with becomes theirs
 * from then on; an event that comes late changes nothing that a later one has told.
 */
export default processor('identities', ({ from, merge }) =>
  merge(
    from(pageViews, live)
      .filter(['customerId'], ({ customerId }) => customerId !== null)
      .map(
        ['customerId', 'occurredAt'],
        ({ customerId, occurredAt }): Known => ({
          customerId: customerId ?? '',
          evidence: 'SIGNED_IN',
          at: occurredAt,
        }),
        { keep: ['visitorId', 'sessionId'] },
      ),
    from(purchases, live).map(
      ['customerId', 'occurredAt'],
      ({ customerId, occurredAt }): Known => ({ customerId, evidence: 'CHECKOUT', at: occurredAt }),
      { keep: ['visitorId', 'sessionId'] },
    ),
  )
    .keyBy('visitorId')
    .process({
      name: 'identity',
      reads: ['customerId', 'evidence', 'sessionId', 'at'],
      state: { initial: () => ({ customerId: '', linkedAt: 0 }) },
      ttl: '400 days',
      onEvent({ key }, { customerId, evidence, sessionId, at }, known) {
        if (customerId === known.customerId || at < known.linkedAt) return []
        known.customerId = customerId
        known.linkedAt = at
        return [{ visitorId: key.visitorId, customerId, evidence, sessionId, linkedAt: at }]
      },
    })
    .to(identities),
)
