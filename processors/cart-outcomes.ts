import { processor } from '#engine'
import { type CartFate, cartChanges, cartOutcomes, purchases } from '#schemas'

/** A cart counts as abandoned when neither a change nor a checkout touched it for this long. Milliseconds. */
export const ABANDONED_AFTER = 20 * 60_000

/** What moves a cart: pieces put in (positive) or taken out (negative), or a checkout. */
interface CartEvent {
  readonly pieces: number
  readonly checkout: 'PAID' | 'REFUSED' | null
  readonly at: number
}

interface Cart {
  /** Pieces in it; 0: there is no cart. */
  pieces: number
  openedAt: number
  sessionId: string
  country: string
  /** When it will count as abandoned. */
  abandonedAt: number
}

/**
 * What became of every cart. A cart opens with the first product put in; a paid checkout decides it as bought; twenty
 * minutes without a change or an attempt to pay decide it as abandoned. One that was emptied by hand is neither.
 */
export default processor('cart-outcomes', ({ from, merge }) =>
  merge(
    from(cartChanges, { idleAfter: '10 seconds' }).map(
      ['action', 'quantity', 'occurredAt'],
      ({ action, quantity, occurredAt }): CartEvent => ({
        pieces: action === 'ADD' ? quantity : -quantity,
        checkout: null,
        at: occurredAt,
      }),
      { keep: ['visitorId', 'sessionId', 'country'] },
    ),
    from(purchases, { idleAfter: '10 seconds' }).map(
      ['status', 'occurredAt'],
      ({ status, occurredAt }): CartEvent => ({ pieces: 0, checkout: status, at: occurredAt }),
      { keep: ['visitorId', 'sessionId', 'country'] },
    ),
  )
    .keyBy('visitorId')
    .process({
      name: 'cart',
      reads: ['sessionId', 'country', 'pieces', 'checkout', 'at'],
      state: { initial: (): Cart => ({ pieces: 0, openedAt: 0, sessionId: '', country: '', abandonedAt: 0 }) },
      onEvent({ key, setTimer, clearTimer, remove }, event, cart) {
        if (cart.pieces > 0) clearTimer(cart.abandonedAt)
        if (event.checkout === 'PAID') {
          remove()
          return cart.pieces > 0
            ? outcomeOf(key.visitorId, { ...cart, sessionId: event.sessionId }, 'BOUGHT', event.at)
            : []
        }
        if (cart.pieces === 0) cart.openedAt = event.at
        cart.pieces = Math.max(0, cart.pieces + event.pieces)
        if (cart.pieces === 0) {
          remove()
          return []
        }
        cart.sessionId = event.sessionId
        cart.country = event.country
        cart.abandonedAt = Math.max(cart.abandonedAt, event.at + ABANDONED_AFTER)
        setTimer(cart.abandonedAt)
        return []
      },
      onTimer({ key, eventTime, remove }, cart) {
        if (cart.pieces === 0 || eventTime < cart.abandonedAt) return []
        remove()
        return outcomeOf(key.visitorId, cart, 'ABANDONED', eventTime)
      },
    })
    .to(cartOutcomes),
)

function outcomeOf(visitorId: string, cart: Cart, outcome: CartFate, decidedAt: number) {
  return {
    cartId: `${visitorId}@${cart.openedAt}`,
    visitorId,
    sessionId: cart.sessionId,
    country: cart.country,
    outcome,
    pieces: cart.pieces,
    openedAt: cart.openedAt,
    decidedAt,
  }
}
