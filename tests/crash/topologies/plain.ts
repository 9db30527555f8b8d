import { count, max, processor, sum, tumbling } from '#engine'
import type { Made, Topology } from './contract.ts'
import { answersOf, type Beat, beatsBy, column, made } from './events.ts'
import { answerSource, beatSource } from './sources.ts'

interface Seen {
  readonly id: string
  readonly user: string
  readonly number: number
  readonly at: number
}
const seenOf = (prefix: string) =>
  made<Seen>(prefix, 'seen', { kind: 'results', key: 'user', time: 'at', id: ['id'] }, [
    column.text('id'),
    column.text('user'),
    column.long('number'),
    column.time('at'),
  ])

/** Throws for an unlucky number. */
const lucky = ({ number, ...rest }: Pick<Beat, 'number' | 'id' | 'user' | 'at'>): Seen => {
  if (number === 13) throw new Error('unlucky')
  return { number, ...rest }
}

const stateless: Topology = {
  name: 'stateless',
  decidedBy: 'offsets',
  strays: false,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const plan = processor(named, ({ from }) =>
      from(beats)
        .filter(['weight'], ({ weight }) => weight !== null)
        .map(['id', 'user', 'number', 'at'], lucky)
        .to(seenOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
}

const deduplicated: Topology = {
  name: 'deduplication',
  decidedBy: 'offsets',
  strays: false,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const plan = processor(named, ({ from }) =>
      from(beats)
        .deduplicate({ by: ['page'], within: '15 seconds' })
        .map(['id', 'user', 'number', 'at'], lucky)
        .to(seenOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
}

interface Sums {
  readonly user: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly beats: number
  readonly most: number
}
const sumsOf = (prefix: string) =>
  made<Sums>(prefix, 'sums', { kind: 'results', key: 'user', time: 'windowStart', id: ['user', 'windowStart'] }, [
    column.text('user'),
    column.time('windowStart'),
    column.time('windowEnd'),
    column.long('beats'),
    column.long('most'),
  ])

/** Duplicates are dropped in the first stage, what is left is counted in the second. */
const deduplicatedAndRekeyed: Topology = {
  name: 'deduplication, then re-keyed tumbling',
  decidedBy: 'offsets',
  strays: true,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'page')
    const plan = processor(named, ({ from }) =>
      from(beats)
        .deduplicate({ by: ['user'], within: '8 seconds' })
        .keyBy('user')
        .window(tumbling({ size: '1 minute', grace: '10 seconds' }))
        .aggregate({ beats: count(), most: max('number') })
        .emit('on-close')
        .to(sumsOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
}

/** Two topics as one stream, windowed. */
const merged: Topology = {
  name: 'merged tumbling',
  decidedBy: 'record',
  strays: false,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const answers = answersOf(prefix)
    const plan = processor(named, ({ from, merge }) =>
      merge(
        from(beats, { idleAfter: '2 seconds' }).map(['number', 'at'], ({ number, at }) => ({ number, time: at }), {
          keep: ['user'],
        }),
        from(answers, { idleAfter: '3 seconds' }).map(['who', 'answeredAt'], ({ who, answeredAt }) => ({
          user: who,
          number: 1,
          time: answeredAt,
        })),
      )
        .keyBy('user')
        .window(tumbling({ size: '1 minute', grace: '10 seconds' }))
        .aggregate({ beats: sum('number'), most: max('number') })
        .emit('on-close')
        .to(sumsOf(prefix)),
    )
    return { plan, sources: [beatSource(beats, 2), answerSource(answers)] }
  },
}

export const plain: readonly Topology[] = [stateless, deduplicated, deduplicatedAndRekeyed, merged]
