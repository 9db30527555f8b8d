import { expectationOf } from '#engine/delivery'
import { routes } from '../../../sinks/index.ts'
import type { Counted, Stretch } from './counts.ts'

/** How far a store has what lies in some stretches of a topic. */
export interface Landed {
  readonly store: 'clickhouse' | 's3'
  /** Records of the stretches, of anybody, that the store's sink has not come to yet. */
  readonly behind: number
  /** Rows that the stretches must have in the store, and those it has; undefined where they are not counted. */
  readonly expected?: number
  readonly found?: number
  /** Undefined where nothing was counted. */
  readonly equal: boolean | undefined
}

/**
 * Counts the rows of stretches in ClickHouse where these are facts and the sink is through with them. S3 is compared by what its
 * sink marked done: `kappa verify` proves that the store has it.
 */
export async function landedIn(
  stores: Counted,
  name: string,
  stretches: readonly Stretch[],
): Promise<readonly Landed[]> {
  const route = routes.find(({ topic }) => topic.name === name)
  if (route === undefined || stretches.length === 0) return []
  const landed: Landed[] = []
  for (const store of ['clickhouse', 's3'] as const) {
    if (store === 'clickhouse' && !route.clickhouse) continue
    const expectation = await expectationOf(stores.logs[store], name)
    if (expectation === undefined) continue
    const behind = stretches
      .filter(({ partition, last }) => last >= (expectation.positions[partition] ?? 0))
      .reduce((sum, { records }) => sum + records, 0)
    const counted =
      store === 'clickhouse' && route.topic.contract.topic.kind === 'facts' && behind === 0 && !expectation.promoted
    if (!counted) {
      landed.push({ store, behind, equal: undefined })
      continue
    }
    const expected = stretches.reduce((sum, { records }) => sum + records, 0)
    const ranges = stretches.map(({ partition, first, last, records }) => ({ partition, first, last, count: records }))
    const { rows } = await stores.clickhouse.tallies.ofCut(route.topic, { generation: expectation.generation, ranges })
    // rows that the table refused are dead letters of the sink, and written down there
    landed.push({
      store,
      behind,
      expected,
      found: rows,
      equal: rows <= expected && rows >= expected - expectation.refused,
    })
  }
  return landed
}
