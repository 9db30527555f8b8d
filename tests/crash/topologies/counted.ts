import { collect, count, countWindow, mean, processor, sum } from '#engine'
import type { EmitMode } from '#engine/topology'
import type { Topology } from './contract.ts'
import { beatsBy, column, made } from './events.ts'
import { beatSource } from './sources.ts'

interface Counted {
  readonly user: string
  readonly windowNumber: number
  readonly windowStart: number
  readonly windowEnd: number
  readonly beats: number
  readonly total: bigint
  readonly middle: number | null
  readonly ids: readonly string[]
}

const countedOf = (prefix: string) =>
  made<Counted>(
    prefix,
    'counted',
    { kind: 'results', key: 'user', time: 'windowStart', id: ['user', 'windowNumber'] },
    [
      column.text('user'),
      column.long('windowNumber'),
      column.time('windowStart'),
      column.time('windowEnd'),
      column.long('beats'),
      column.money('total'),
      column.perhaps('middle', 'double'),
      column.texts('ids'),
    ],
  )

/** Every five beats of a user. */
const fives = (name: string, emit: EmitMode, key: 'user' | 'page' = 'user'): Topology => ({
  name,
  decidedBy: 'offsets',
  strays: key === 'page',
  make(prefix, named) {
    const beats = beatsBy(prefix, key)
    const plan = processor(named, ({ from }) =>
      from(beats)
        .keyBy('user')
        .window(countWindow({ size: 5, ...(key === 'page' ? { grace: '10 seconds' } : {}) }))
        .aggregate({ beats: count(), total: sum('amount'), middle: mean('weight'), ids: collect('id') })
        .emit(emit)
        .to(countedOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
})

export const counts: readonly Topology[] = [
  fives('count windows', 'on-close'),
  fives('count windows, every update', 'on-update'),
  fives('re-keyed count windows', 'on-close', 'page'),
]
