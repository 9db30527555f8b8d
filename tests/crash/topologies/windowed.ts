import { calendar, collect, count, first, last, max, mean, min, processor, sum, tumbling } from '#engine'
import { type EmitMode, hopping, session, sliding, type Window } from '#engine/topology'
import type { Topology } from './contract.ts'
import { beatsBy, column, made } from './events.ts'
import { beatSource } from './sources.ts'

interface Totals {
  readonly user: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly beats: number
  readonly total: bigint
  readonly least: number
  readonly most: bigint
  readonly middle: number | null
  readonly firstId: string
  readonly lastId: string
  readonly numbers: readonly number[]
}

const totalsOf = (prefix: string) =>
  made<Totals>(
    prefix,
    'totals',
    {
      kind: 'results',
      key: ['user', 'windowStart', 'windowEnd'],
      time: 'windowStart',
      id: ['user', 'windowStart', 'windowEnd'],
    },
    [
      column.text('user'),
      column.time('windowStart'),
      column.time('windowEnd'),
      column.long('beats'),
      column.money('total'),
      column.long('least'),
      column.money('most'),
      column.perhaps('middle', 'double'),
      column.text('firstId'),
      column.text('lastId'),
      column.longs('numbers'),
    ],
  )

interface Terms {
  readonly name: string
  readonly window: Exclude<Window, { readonly kind: 'count' }>
  readonly emit?: EmitMode
  /** The topic is keyed by page: grouping by user takes a second stage. */
  readonly rekeyed?: boolean
  /** Wall time moves time on where an input is silent. */
  readonly idle?: boolean
  readonly times?: NonNullable<Topology['times']>
}

const windowed = ({ name, window, emit = 'on-close', rekeyed = false, idle = false, times }: Terms): Topology => ({
  name,
  ...(times ? { times } : {}),
  decidedBy: idle ? 'record' : 'offsets',
  strays: rekeyed,
  make(prefix, named) {
    // Doubles do not add up the same way in every order, and windows that events move have no fixed place to add them.
    const exact = rekeyed && (window.kind === 'session' || window.kind === 'sliding')
    const beats = beatsBy(prefix, rekeyed ? 'page' : 'user')
    const plan = processor(named, ({ from }) =>
      from(beats, idle ? { idleAfter: '2 seconds' } : {})
        .keyBy('user')
        .window(window)
        .aggregate({
          beats: count(),
          total: sum('amount'),
          least: min('number'),
          most: max('amount'),
          middle: mean(exact ? 'number' : 'weight'),
          firstId: first('id'),
          lastId: last('id'),
          numbers: collect('number'),
        })
        .emit(emit)
        .to(totalsOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
})

const minute = tumbling({ size: '1 minute', grace: '10 seconds' })
const overlapping = hopping({ size: '1 minute', advance: '20 seconds', grace: '5 seconds' })
const visit = session({ gap: '20 seconds', grace: '10 seconds' })
const near = sliding({ size: '15 seconds', grace: '10 seconds' })
/** Over the hour that is repeated when summer time ends in Berlin. */
const hours = calendar({ unit: 'hour', timeZone: 'Europe/Berlin', grace: '5 minutes' })
const repeated = { from: Date.UTC(2026, 9, 24, 22), seconds: 40 }
/** Over the day of 23 hours when it begins in New York. */
const days = calendar({ unit: 'day', timeZone: 'America/New_York', grace: '2 hours' })
const shortened = { from: Date.UTC(2026, 2, 6, 17), seconds: 900 }

export const windows: readonly Topology[] = [
  windowed({ name: 'tumbling', window: minute }),
  windowed({ name: 'tumbling, every update', window: minute, emit: 'on-update' }),
  windowed({ name: 'tumbling, silent inputs', window: minute, idle: true }),
  windowed({ name: 'hopping', window: overlapping }),
  windowed({ name: 'session', window: visit }),
  windowed({ name: 'session, every update', window: visit, emit: 'on-update' }),
  windowed({ name: 'sliding', window: near }),
  windowed({ name: 're-keyed tumbling', window: minute, rekeyed: true }),
  windowed({ name: 're-keyed tumbling, silent inputs', window: minute, rekeyed: true, idle: true }),
  windowed({ name: 're-keyed hopping', window: overlapping, rekeyed: true }),
  windowed({ name: 're-keyed session', window: visit, rekeyed: true }),
  windowed({ name: 're-keyed sliding', window: near, rekeyed: true }),
  windowed({ name: 'calendar hours', window: hours, times: repeated }),
  windowed({ name: 're-keyed calendar days', window: days, rekeyed: true, times: shortened }),
]
