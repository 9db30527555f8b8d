import { type Topic, topic } from '#engine/schema'

/** The facts that crash runs are made of. */
export interface Beat {
  readonly id: string
  readonly user: string
  readonly page: string
  readonly number: number
  readonly amount: bigint
  readonly weight: number | null
  readonly at: number
}
export interface Profile {
  readonly user: string
  readonly tier: string
  readonly since: number
}
export interface Answer {
  readonly answer: string
  readonly who: string
  readonly answeredAt: number
}
export interface Account {
  readonly user: string
  readonly credit: number
  readonly openedAt: number
}

type Json = Record<string, unknown>
const doc = 'For crash runs.'
export const column = {
  text: (name: string): Json => ({ name, type: 'string', doc }),
  long: (name: string): Json => ({ name, type: 'long', doc }),
  double: (name: string): Json => ({ name, type: 'double', doc }),
  time: (name: string): Json => ({ name, type: { type: 'long', logicalType: 'timestamp-millis' }, doc }),
  money: (name: string): Json => ({
    name,
    type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 },
    doc,
  }),
  longs: (name: string): Json => ({ name, type: { type: 'array', items: 'long' }, doc }),
  doubles: (name: string): Json => ({ name, type: { type: 'array', items: 'double' }, doc }),
  texts: (name: string): Json => ({ name, type: { type: 'array', items: 'string' }, doc }),
  perhaps: (name: string, type: string): Json => ({ name, type: ['null', type], default: null, doc }),
}

/** A topic whose name begins with `prefix`, so that runs on one broker do not meet. */
export function made<V>(prefix: string, name: string, terms: Json, fields: readonly Json[]): Topic<V> {
  const record = name.replace(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase())
  return topic<V>({
    type: 'record',
    name: record,
    namespace: 'crash',
    doc,
    topic: {
      name: `crash.${prefix}-${name}.v1`,
      kind: 'facts',
      id: [],
      partitions: 4,
      retention: 'forever',
      owner: 'tests',
      ...terms,
    },
    fields,
  })
}

/** Beats keyed by `user` or by `page`. */
export const beatsBy = (prefix: string, key: 'user' | 'page'): Topic<Beat> =>
  made<Beat>(prefix, `beats-by-${key}`, { key, time: 'at', id: ['id'] }, [
    column.text('id'),
    column.text('user'),
    column.text('page'),
    column.long('number'),
    column.money('amount'),
    column.perhaps('weight', 'double'),
    column.time('at'),
  ])

export const profilesOf = (prefix: string): Topic<Profile> =>
  made<Profile>(prefix, 'profiles', { kind: 'table', key: 'user', time: 'since', id: ['user'] }, [
    column.text('user'),
    column.text('tier'),
    column.time('since'),
  ])

export const answersOf = (prefix: string): Topic<Answer> =>
  made<Answer>(prefix, 'answers', { key: 'who', time: 'answeredAt', id: ['answer'] }, [
    column.text('answer'),
    column.text('who'),
    column.time('answeredAt'),
  ])

export const accountsOf = (prefix: string): Topic<Account> =>
  made<Account>(prefix, 'accounts', { kind: 'table', key: 'user', time: 'openedAt', id: ['user'] }, [
    column.text('user'),
    column.long('credit'),
    column.time('openedAt'),
  ])
