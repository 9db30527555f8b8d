import { processor } from '#engine'
import type { Made, Topology } from './contract.ts'
import { accountsOf, column, made, profilesOf } from './events.ts'
import { accountSource, profileSource } from './sources.ts'

interface Person {
  readonly user: string
  readonly tier: string | null
  readonly credit: number | null
  readonly since: number
}
const peopleOf = (prefix: string) =>
  made<Person>(prefix, 'people', { kind: 'table', key: 'user', time: 'since', id: ['user'] }, [
    column.text('user'),
    column.perhaps('tier', 'string'),
    column.perhaps('credit', 'long'),
    column.time('since'),
  ])

/** Each user's profile with their account; rows come and go. */
const people = (kind: 'inner' | 'left' | 'outer'): Topology => ({
  name: `joined tables, ${kind}`,
  decidedBy: 'record',
  strays: true,
  make(prefix, named): Made {
    const profiles = profilesOf(prefix)
    const accounts = accountsOf(prefix)
    const plan = processor(named, ({ joinTables }) =>
      joinTables(profiles, accounts, {
        on: ['user'],
        select: { credit: 'credit', openedAt: 'openedAt' },
        kind,
        idleAfter: '1 second',
      })
        .map(
          ['tier', 'credit', 'since', 'openedAt'],
          ({ tier, credit, since, openedAt }) => {
            if (credit === 13) throw new Error('unlucky')
            return { tier, credit, since: Math.max(since ?? 0, openedAt ?? 0) }
          },
          { keep: ['user'] },
        )
        .to(peopleOf(prefix)),
    )
    return {
      plan,
      sources: [profileSource(profiles), accountSource(accounts)].map((one) => ({ ...one, deletes: true })),
    }
  },
})

export const tables: readonly Topology[] = [people('inner'), people('left'), people('outer')]
