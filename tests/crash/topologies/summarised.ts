import { approximateDistinct, distinct, fold, hopping, processor, quantiles, topK, tumbling, variance } from '#engine'
import type { FixedWindow } from '#engine/topology'
import type { Topology } from './contract.ts'
import { beatsBy, column, made } from './events.ts'
import { beatSource } from './sources.ts'

interface Summary {
  readonly user: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly pages: number
  readonly about: number
  readonly weights: readonly number[]
  readonly often: readonly string[]
  readonly howOften: readonly number[]
  readonly spread: number | null
  readonly trail: string
}

const summariesOf = (prefix: string) =>
  made<Summary>(
    prefix,
    'summaries',
    { kind: 'results', key: 'user', time: 'windowStart', id: ['user', 'windowStart'] },
    [
      column.text('user'),
      column.time('windowStart'),
      column.time('windowEnd'),
      column.long('pages'),
      column.long('about'),
      column.doubles('weights'),
      column.texts('often'),
      column.longs('howOften'),
      column.perhaps('spread', 'double'),
      column.text('trail'),
    ],
  )

/** Sketches, sets, the most frequent, doubles, and a fold whose order shows. */
const summarised = (name: string, window: FixedWindow, key: 'user' | 'page'): Topology => ({
  name,
  decidedBy: 'offsets',
  strays: key === 'page',
  make(prefix, named) {
    const beats = beatsBy(prefix, key)
    const plan = processor(named, ({ from }) =>
      from(beats)
        .keyBy('user')
        .window(window)
        .aggregate({
          pages: distinct('page'),
          about: approximateDistinct('id', { precision: 8 }),
          weights: quantiles('weight', { at: [0.1, 0.5, 0.99] }),
          often: topK('page', { k: 3 }),
          howOften: topK('page', { k: 2, capacity: 3, yields: 'counts' }),
          spread: variance('weight'),
          trail: fold({
            reads: ['id'],
            initial: () => [] as string[],
            add: (ids, { id }: { id: string }) => [...ids, id],
            merge: (ids, more) => [...ids, ...more],
            result: (ids) => ids.join(' '),
          }),
        })
        .emit('on-close')
        .to(summariesOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
})

const minute = tumbling({ size: '1 minute', grace: '10 seconds' })
const overlapping = hopping({ size: '1 minute', advance: '20 seconds', grace: '5 seconds' })

export const summaries: readonly Topology[] = [
  summarised('summaries', overlapping, 'user'),
  summarised('re-keyed summaries', minute, 'page'),
  summarised('re-keyed hopping summaries', overlapping, 'page'),
]
