import { notFollowed, processor } from '#engine'
import type { Made, Topology } from './contract.ts'
import { beatsBy, column, made } from './events.ts'
import { beatSource } from './sources.ts'

interface Note {
  readonly user: string
  readonly what: string
  readonly at: number
}
const notesOf = (prefix: string) =>
  made<Note>(prefix, 'notes', { kind: 'results', key: 'user', time: 'at', id: ['user', 'at', 'what'] }, [
    column.text('user'),
    column.text('what'),
    column.time('at'),
  ])

/** Tells of users who fell silent; throws for an unlucky number, in an event as in a timer. */
const quiet = (name: string, keptOn: 'memory' | 'disk', key: 'user' | 'page' = 'user'): Topology => ({
  name,
  decidedBy: 'offsets',
  strays: key === 'page',
  make(prefix, named): Made {
    const beats = beatsBy(prefix, key)
    const plan = processor(named, ({ from }) =>
      from(beats)
        .keyBy('user')
        .process({
          name: 'quiet',
          reads: ['id', 'number'],
          ttl: '40 seconds',
          ...(key === 'page' ? { grace: '5 seconds' } : {}),
          state: { initial: () => ({ seen: [] as string[], due: 0 }), keptOn },
          onEvent({ key, eventTime, setTimer, clearTimer, remove }, { id, number }, state) {
            state.seen.push(id)
            clearTimer(state.due)
            state.due = eventTime + number * 1_000
            setTimer(state.due)
            if (number === 13) throw new Error('unlucky')
            if (state.seen.length > 30) remove()
            return { user: key.user, what: `${state.seen.length} with ${id}`, at: eventTime }
          },
          onTimer({ key, eventTime, setTimer }, state) {
            if (state.seen.length === 7) throw new Error('unlucky too')
            if (state.seen.length % 2 === 0) setTimer(eventTime + 5_000)
            state.seen.push('timer')
            return { user: key.user, what: `quiet after ${state.seen.join(' ')}`, at: eventTime }
          },
        })
        .to(notesOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
})

/** Beats with an even number that no beat with a number divisible by five followed. */
const missing = (of: 'each' | 'last'): Topology => ({
  name: `not followed, ${of}`,
  decidedBy: 'offsets',
  strays: false,
  make(prefix, named): Made {
    const beats = beatsBy(prefix, 'user')
    const plan = processor(named, ({ from }) =>
      from(beats)
        .keyBy('user')
        .process(
          notFollowed({
            name: 'missing',
            reads: ['id', 'number'],
            starts: ({ number }) => number % 2 === 0,
            ends: ({ number }) => number % 5 === 0,
            within: '12 seconds',
            grace: '4 seconds',
            of,
            make: ({ key, event, startedAt }) => ({ user: key.user, what: event.id, at: startedAt }),
          }),
        )
        .to(notesOf(prefix)),
    )
    return { plan, sources: [beatSource(beats)] }
  },
})

export const operators: readonly Topology[] = [
  quiet('stateful with timers', 'memory'),
  quiet('stateful with timers, on disk', 'disk'),
  quiet('re-keyed stateful with timers', 'memory', 'page'),
  missing('each'),
  missing('last'),
]
