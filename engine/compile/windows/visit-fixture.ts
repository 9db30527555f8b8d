import { collect, count, type EmitMode, processor, sum, type TimeWindow } from '#engine/topology'
import { field, made } from '../trade-fixture.ts'

/** Visits and their windows, for the tests of windows that events move. */
export interface Visit {
  readonly user: string
  readonly page: string
  readonly number: number
  readonly at: number
}
const fields = [field.text('user'), field.text('page'), field.long('number'), field.time('at')]

/** Keyed by user. */
export const visits = made<Visit>('trade.visits.v1', { key: 'user', time: 'at' }, fields)
/** Keyed by page: grouping by user needs a re-key. */
export const pageVisits = made<Visit>('trade.page-visits.v1', { key: 'page', time: 'at' }, fields)

export interface VisitWindow {
  readonly user: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly visits: number
  readonly total: number
  readonly numbers: readonly number[]
}

export const visitWindows = made<VisitWindow>(
  'trade.visit-windows.v1',
  {
    kind: 'results',
    key: ['user', 'windowStart', 'windowEnd'],
    time: 'windowStart',
    id: ['user', 'windowStart', 'windowEnd'],
  },
  [
    field.text('user'),
    field.time('windowStart'),
    field.time('windowEnd'),
    field.long('visits'),
    field.long('total'),
    { name: 'numbers', type: { type: 'array', items: 'long' }, doc: 'Numbers.' },
  ],
)

export const visitsIn = (window: TimeWindow, emit: EmitMode, source = visits) =>
  processor('visit-windows', ({ from }) =>
    from(source)
      .keyBy('user')
      .window(window)
      .aggregate({ visits: count(), total: sum('number'), numbers: collect('number') })
      .emit(emit)
      .to(visitWindows),
  )
