import { KappaError } from '#engine/errors'
import type { Addresses } from '../../../deploy/addresses.ts'
import { ClickHouseReader } from '../../../sinks/clickhouse/index.ts'
import { servingView } from '../../../sinks/redis/index.ts'
import type { Asked } from './asked.ts'
import { questionsOf } from './questions.ts'
import { statementOf } from './statement.ts'

export const storeChoices = ['auto', 'redis', 'clickhouse'] as const
export type StoreChoice = (typeof storeChoices)[number]

/** Rows by the names of the contract's fields: decimals as exact text, instants in ISO 8601 (UTC). */
export interface Answer {
  readonly table: string
  readonly store: 'redis' | 'clickhouse'
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** True where there are more rows than were asked for. */
  readonly more: boolean
}

type Places = Pick<Addresses, 'clickhouse' | 'redis'>

/**
 * Asks the store that was chosen; of itself, one row by its whole identity is asked of the serving view, where the topic has
 * one, and of ClickHouse where Redis is away or has forgotten it. Throws CONFIG_INVALID where Redis cannot answer.
 */
export async function answerOf(places: Places, asked: Asked, choice: StoreChoice, limit: number): Promise<Answer> {
  const { table, servedFor, one } = questionsOf(asked.topic)
  const { identity, from, to } = asked
  const isOne = identity !== undefined && from === undefined && to === undefined
  if (choice === 'redis') {
    const doing = `looking up rows of ${table}: --store redis`
    if (servedFor === undefined) throw new KappaError('CONFIG_INVALID', `${doing}: its contract has no "serving"`)
    if (!isOne) throw new KappaError('CONFIG_INVALID', `${doing} answers one row, by all of ${one.join(', ')}`)
    return await fromRedis(places, asked, identity)
  }
  if (choice === 'auto' && servedFor !== undefined && isOne) {
    const served = await fromRedis(places, asked, identity).catch((thrown: unknown) => {
      if (thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE') return undefined
      throw thrown
    })
    if (served !== undefined && served.rows.length > 0) return served
  }
  return await fromClickHouse(places, asked, limit)
}

async function fromRedis({ redis }: Places, { topic }: Asked, identity: readonly unknown[]): Promise<Answer> {
  const view = servingView({ url: redis.url })
  try {
    const [row] = await view.latest(topic, [identity])
    const rows = row === undefined ? [] : [row]
    return { table: questionsOf(topic).table, store: 'redis', rows, more: false }
  } finally {
    await view.close()
  }
}

/** ClickHouse's codes (src/Common/ErrorCodes.cpp): UNKNOWN_TABLE, UNKNOWN_DATABASE. */
const NOT_THERE = new Set(['60', '81'])

async function fromClickHouse({ clickhouse }: Places, asked: Asked, limit: number): Promise<Answer> {
  const { table } = questionsOf(asked.topic)
  const { query, parameters } = statementOf(asked, limit)
  const reader = new ClickHouseReader({ ...clickhouse, ...clickhouse.reader })
  try {
    const found = await reader.rows(query, parameters, `looking up rows of ${table}`)
    return { table, store: 'clickhouse', rows: found.slice(0, limit), more: found.length > limit }
  } catch (thrown) {
    const { code } = ((thrown instanceof Error ? thrown.cause : undefined) ?? {}) as { readonly code?: unknown }
    if (typeof code !== 'string' || !NOT_THERE.has(code)) throw thrown
    throw new KappaError(
      'STATE_MISMATCH',
      `looking up rows of ${table}: it is not there yet; kappa sink run clickhouse makes it with its first rows`,
    )
  } finally {
    await reader.close()
  }
}
