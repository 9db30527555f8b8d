import { processor } from '#engine'
import { cartChanges, clicks, type Device, pageViews, purchases, type Session, sessions } from '#schemas'

/** A visit is over when nothing happened in it for this long. Milliseconds. */
export const SILENT_FOR = 30 * 60_000
/** More steps of a visit are counted, and not told. */
const MOST_STEPS = 50

/** What happens in a visit. */
interface Happening {
  /** The step that it is on the way through the shop; null: it is none. */
  readonly step: string | null
  readonly kind: 'page' | 'click' | 'cart' | 'order' | 'refusal'
  readonly path: string | null
  readonly referrer: string | null
  readonly customerId: string | null
  readonly at: number
}

/** A visit so far. */
interface Visit {
  readonly sessionId: string
  customerId: string | null
  country: string
  device: Device
  referrer: string | null
  entryPath: string
  exitPath: string
  entryAt: number
  exitAt: number
  /** With their times: events of a visit come in several topics, and some of them late. */
  steps: { readonly step: string; readonly at: number }[]
  pages: number
  clicks: number
  cartChanges: number
  orders: number
  startedAt: number
  endedAt: number
}

const live = { idleAfter: '10 seconds' } as const
const keep = ['visitorId', 'sessionId', 'country', 'device'] as const

/** Visits with the way they took, each once it is over; whoever signs in or pays is known from its first page on. */
export default processor('sessions', ({ from, merge }) =>
  merge(
    from(pageViews, live).map(
      ['pageType', 'path', 'referrer', 'customerId', 'occurredAt'],
      ({ pageType, path, referrer, customerId, occurredAt }): Happening => ({
        step: pageType,
        kind: 'page',
        path,
        referrer,
        customerId,
        at: occurredAt,
      }),
      { keep },
    ),
    from(clicks, live).map(
      ['customerId', 'occurredAt'],
      ({ customerId, occurredAt }): Happening => ({
        step: null,
        kind: 'click',
        path: null,
        referrer: null,
        customerId,
        at: occurredAt,
      }),
      { keep },
    ),
    from(cartChanges, live).map(
      ['action', 'customerId', 'occurredAt'],
      ({ action, customerId, occurredAt }): Happening => ({
        step: action,
        kind: 'cart',
        path: null,
        referrer: null,
        customerId,
        at: occurredAt,
      }),
      { keep },
    ),
    from(purchases, live).map(
      ['status', 'customerId', 'occurredAt'],
      ({ status, customerId, occurredAt }): Happening => ({
        step: status,
        kind: status === 'PAID' ? 'order' : 'refusal',
        path: null,
        referrer: null,
        customerId,
        at: occurredAt,
      }),
      { keep },
    ),
  )
    .keyBy('visitorId')
    .process({
      name: 'visits',
      reads: ['sessionId', 'country', 'device', 'step', 'kind', 'path', 'referrer', 'customerId', 'at'],
      state: { initial: (): { open: Visit[] } => ({ open: [] }) },
      // Every visit is told, and forgotten, by its timer; this bounds what a replay has to read before its range.
      ttl: '1 day',
      onEvent({ setTimer, clearTimer }, event, { open }) {
        let visit = open.find(({ sessionId }) => sessionId === event.sessionId)
        if (visit === undefined) {
          visit = begun(event)
          open.push(visit)
        } else clearTimerOf(visit, open, clearTimer)
        add(visit, event)
        setTimer(visit.endedAt + SILENT_FOR)
        return []
      },
      onTimer({ key, eventTime, remove }, state) {
        const over = state.open.filter(({ endedAt }) => endedAt + SILENT_FOR <= eventTime)
        state.open = state.open.filter((visit) => !over.includes(visit))
        if (state.open.length === 0) remove()
        return over.map((visit) => sessionOf(key.visitorId, visit))
      },
    })
    .to(sessions),
)

/** The timer of a visit that goes on, unless another one ends with it. */
function clearTimerOf(visit: Visit, open: readonly Visit[], clear: (time: number) => void): void {
  if (open.every((other) => other === visit || other.endedAt !== visit.endedAt)) clear(visit.endedAt + SILENT_FOR)
}

const begun = (event: {
  readonly sessionId: string
  readonly country: string
  readonly device: Device
  readonly at: number
}): Visit => ({
  sessionId: event.sessionId,
  customerId: null,
  country: event.country,
  device: event.device,
  referrer: null,
  entryPath: '',
  exitPath: '',
  entryAt: Number.POSITIVE_INFINITY,
  exitAt: Number.NEGATIVE_INFINITY,
  steps: [],
  pages: 0,
  clicks: 0,
  cartChanges: 0,
  orders: 0,
  startedAt: event.at,
  endedAt: event.at,
})

function add(visit: Visit, { kind, step, path, referrer, customerId, at }: Happening): void {
  visit.customerId ??= customerId
  visit.startedAt = Math.min(visit.startedAt, at)
  visit.endedAt = Math.max(visit.endedAt, at)
  if (step !== null) visit.steps.push({ step, at })
  if (kind === 'click') visit.clicks++
  if (kind === 'cart') visit.cartChanges++
  if (kind === 'order') visit.orders++
  if (kind !== 'page' || path === null) return
  visit.pages++
  if (at < visit.entryAt) Object.assign(visit, { entryAt: at, entryPath: path, referrer })
  if (at >= visit.exitAt) Object.assign(visit, { exitAt: at, exitPath: path })
}

function sessionOf(visitorId: string, visit: Visit): Session {
  const { sessionId, customerId, country, device, referrer, entryPath, exitPath, startedAt, endedAt } = visit
  const { pages, clicks, cartChanges, orders } = visit
  const way = [...visit.steps].sort((a, b) => a.at - b.at).map(({ step }) => step)
  const steps = way.filter((step, n) => step !== way[n - 1]).slice(0, MOST_STEPS)
  return {
    ...{ sessionId, visitorId, customerId, country, device, referrer, entryPath, exitPath, steps },
    ...{ pages, clicks, cartChanges, orders, startedAt, endedAt },
  }
}
