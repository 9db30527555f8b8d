import { catalogueItems, interactions, webActions } from '../generated/index.ts'
import { outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

/** What visitors of the electronics shop did. A purchase should say which order it pays; looking at something, which page. */
export const webActionsRules = ruleSet(webActions, {
  name: 'web-actions',
  doc: 'Interactions of the electronics shop under standard names, judged, without duplicates.',
  identity: ['visitorId', 'actionId'],
  remember: '2 days',
  sources: [
    sourceOf(webActions, interactions, {
      name: 'staging',
      pass: {
        actionId: 'interactionId',
        visitorId: 'userId',
        sessionId: 'sessionId',
        action: 'type',
        productId: 'productId',
        page: 'page',
        orderId: 'orderId',
        amount: 'amount',
        occurredAt: 'occurredAt',
      },
      wanted: ['actionId', 'visitorId', 'sessionId', 'action'],
      wantedWhen: [
        { column: 'page', when: { action: ['PAGE_VIEW', 'CLICK'] } },
        { column: 'orderId', when: { action: ['PURCHASE'] } },
        { column: 'amount', when: { action: ['PURCHASE'] } },
      ],
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.98 },
    }),
  ],
  references: [refersTo(catalogueItems, { by: 'productId', whole: true })],
  checks: [outside('amount', { min: 0.01, scale: 2 })],
})
