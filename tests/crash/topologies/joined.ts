import { broadcast, count, processor, sum, table, tumbling } from '#engine'
import type { Made, Topology } from './contract.ts'
import { answersOf, beatsBy, column, made, profilesOf } from './events.ts'
import { answerSource, beatSource, profileSource } from './sources.ts'

interface Placed {
  readonly id: string
  readonly tier: string | null
  readonly at: number
}
const placedOf = (prefix: string) =>
  made<Placed>(prefix, 'placed', { kind: 'results', key: 'id', time: 'at', id: ['id'] }, [
    column.text('id'),
    column.perhaps('tier', 'string'),
    column.time('at'),
  ])

interface Tiers {
  readonly tier: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly beats: number
  readonly total: bigint
}
const tiersOf = (prefix: string) =>
  made<Tiers>(prefix, 'tiers', { kind: 'results', key: 'tier', time: 'windowStart', id: ['tier', 'windowStart'] }, [
    column.text('tier'),
    column.time('windowStart'),
    column.time('windowEnd'),
    column.long('beats'),
    column.money('total'),
  ])

/** Each beat with the profile of its time. */
const asOf = (name: string, grace?: '5 seconds'): Topology => ({
  name,
  decidedBy: 'record',
  strays: true,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const profiles = profilesOf(prefix)
    const plan = processor(named, ({ from }) =>
      from(beats, { idleAfter: '2 seconds' })
        .join(table(profiles, { history: '1 minute', idleAfter: '1 second' }), {
          on: ['user'],
          select: { tier: 'tier' },
          kind: 'left',
          ...(grace ? { grace } : {}),
        })
        .map(['id', 'tier', 'at'], ({ id, tier, at }) => ({ id, tier, at }))
        .to(placedOf(prefix)),
    )
    return { plan, sources: [beatSource(beats, 4), profileSource(profiles)] }
  },
})

/** As above, where beats are keyed by page, and every task holds all profiles. */
const everywhere = (name: string, grace?: '5 seconds'): Topology => ({
  name,
  decidedBy: 'record',
  strays: true,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'page')
    const profiles = profilesOf(prefix)
    const plan = processor(named, ({ from }) =>
      from(beats, { idleAfter: '2 seconds' })
        .join(broadcast(profiles, { history: '1 minute', idleAfter: '1 second' }), {
          on: ['user'],
          select: { tier: 'tier' },
          kind: 'left',
          ...(grace ? { grace } : {}),
        })
        .map(['id', 'tier', 'at'], ({ id, tier, at }) => ({ id, tier, at }))
        .to(placedOf(prefix)),
    )
    return { plan, sources: [beatSource(beats, 4), profileSource(profiles)] }
  },
})

/** What each tier did a minute: a join, then a second stage. */
const joinedAndRekeyed: Topology = {
  name: 'table join, then re-keyed tumbling',
  decidedBy: 'record',
  strays: true,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const profiles = profilesOf(prefix)
    const plan = processor(named, ({ from }) =>
      from(beats, { idleAfter: '2 seconds' })
        .join(table(profiles, { history: '1 minute', idleAfter: '1 second' }), {
          on: ['user'],
          select: { tier: 'tier' },
          kind: 'inner',
        })
        .map(['tier', 'amount', 'at'], ({ tier, amount, at }) => ({ tier: `${tier.slice(0, 6)}`, amount, at }))
        .keyBy('tier')
        .window(tumbling({ size: '1 minute', grace: '10 seconds' }))
        .aggregate({ beats: count(), total: sum('amount') })
        .emit('on-close')
        .to(tiersOf(prefix)),
    )
    return { plan, sources: [beatSource(beats, 4), profileSource(profiles)] }
  },
}

interface Pair {
  readonly pair: string
  readonly user: string
  readonly id: string | null
  readonly answer: string | null
  readonly time: number
}
const pairsOf = (prefix: string) =>
  made<Pair>(prefix, 'pairs', { kind: 'results', key: 'user', time: 'time', id: ['pair'] }, [
    column.text('pair'),
    column.text('user'),
    column.perhaps('id', 'string'),
    column.perhaps('answer', 'string'),
    column.time('time'),
  ])

/** Beats with the answers of their next twenty seconds. */
const within = (kind: 'inner' | 'left' | 'outer'): Topology => ({
  name: `interval join, ${kind}`,
  decidedBy: 'record',
  strays: true,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const answers = answersOf(prefix)
    const plan = processor(named, ({ from }) =>
      from(beats, { idleAfter: '2 seconds' })
        .joinWithin(from(answers, { idleAfter: '3 seconds' }), {
          on: ['user'],
          before: '3 seconds',
          after: '20 seconds',
          grace: '5 seconds',
          select: { answer: 'answer', answeredAt: 'answeredAt' },
          kind,
          identity: 'pair',
        })
        .map(['at', 'answeredAt'], ({ at, answeredAt }) => ({ time: Math.max(at ?? 0, answeredAt ?? 0) }), {
          keep: ['pair', 'user', 'id', 'answer'],
        })
        .to(pairsOf(prefix)),
    )
    return { plan, sources: [beatSource(beats), answerSource(answers)] }
  },
})

interface Answered {
  readonly page: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly answers: number
  readonly total: bigint
}
const answeredOf = (prefix: string) =>
  made<Answered>(
    prefix,
    'answered',
    { kind: 'results', key: 'page', time: 'windowStart', id: ['page', 'windowStart'] },
    [
      column.text('page'),
      column.time('windowStart'),
      column.time('windowEnd'),
      column.long('answers'),
      column.money('total'),
    ],
  )

/** Answers a page a minute: a join of streams, then a second stage. */
const answeredPages: Topology = {
  name: 'interval join, then re-keyed tumbling',
  decidedBy: 'record',
  strays: true,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const answers = answersOf(prefix)
    const plan = processor(named, ({ from }) =>
      from(beats, { idleAfter: '2 seconds' })
        .joinWithin(from(answers, { idleAfter: '3 seconds' }), {
          on: ['user'],
          before: '3 seconds',
          after: '20 seconds',
          grace: '5 seconds',
          select: { answeredAt: 'answeredAt' },
          kind: 'inner',
        })
        .map(['amount', 'page'], ({ amount, page }) => ({ amount, page }))
        .keyBy('page')
        .window(tumbling({ size: '1 minute', grace: '10 seconds' }))
        .aggregate({ answers: count(), total: sum('amount') })
        .emit('on-close')
        .to(answeredOf(prefix)),
    )
    return { plan, sources: [beatSource(beats), answerSource(answers)] }
  },
}

export const joins: readonly Topology[] = [
  asOf('table join'),
  asOf('table join with grace', '5 seconds'),
  joinedAndRekeyed,
  within('inner'),
  within('left'),
  within('outer'),
  answeredPages,
  everywhere('broadcast join'),
  everywhere('broadcast join with grace', '5 seconds'),
]
