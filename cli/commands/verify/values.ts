import { isDeepStrictEqual } from 'node:util'
import type { KafkaRecord } from '#engine/broker'
import {
  addHashes,
  type Cut,
  CutReader,
  expectationOf,
  type LaneRecord,
  learnSchemas,
  type RowSum,
} from '#engine/delivery'
import { KappaError, reasonOf } from '#engine/errors'
import { type AnyTopic, Evolution } from '#engine/schema'
import type { Finding } from './compare.ts'
import { mayBeGone } from './expired.ts'
import type { Stores } from './stores.ts'

/** A row that is not as its event is. The values themselves are not told: they may be about people. */
export interface DifferingRow {
  readonly partition: number
  readonly offset: number
  readonly columns: readonly string[]
}

const none: RowSum = { rows: 0, hashSum: '0' }
const SHOWN = 20

/**
 * Column by column: cuts of a topic are read back from Kafka and decoded, and every field is compared with what its row in
 * ClickHouse holds. Of upserts the rows that are still there; of facts a row that is missing and was not refused differs too.
 * @param most cuts of the topic, spread evenly over its history, the last one among them
 */
export async function verifyValues(topic: AnyTopic, most: number, stores: Stores): Promise<readonly Finding[]> {
  const expectation = await expectationOf(stores.logs.clickhouse, topic.name)
  if (expectation === undefined) return []
  const { generation, promoted } = expectation
  const about = { topic: topic.name, store: 'clickhouse values', generation, refused: 0 }
  if (promoted) return [{ ...about, expected: none, found: none, equal: undefined, note: 'a replay was promoted' }]
  const cuts: LaneRecord[] = []
  await stores.logs.clickhouse.history((record) => {
    const { cut } = record
    if (cut.topic === topic.name && cut.generation === generation && cut.count > 0) cuts.push(record)
  })
  if (cuts.length === 0) return []
  const evolution = new Evolution(topic, stores.registry)
  const current = await evolution.follow([...new Set(cuts.flatMap(({ cut }) => cut.schemaIds))])
  const reader = new CutReader(stores.broker, stores.archive)
  const differing: DifferingRow[] = []
  let [compared, sum, passed] = [0, none, 0]
  try {
    for (const record of spread(cuts, most)) {
      const { cut } = record
      const records = mayBeGone(topic, cut) ? undefined : await recordsOf(cut, reader)
      if (records === undefined) {
        passed++
        continue
      }
      compared++
      sum = { rows: sum.rows + cut.count - record.refused, hashSum: addHashes(sum.hashSum, cut.hashSum) }
      differing.push(...(await compareCut(current, record, records, stores)))
    }
  } finally {
    await reader.close()
  }
  const counted = `${compared} of ${cuts.length} cuts, ${current.contract.fields.length} columns${passed === 0 ? '' : `; ${passed} are past their retention`}`
  if (differing.length === 0)
    return [{ ...about, expected: sum, found: sum, equal: compared > 0 ? true : undefined, note: counted }]
  const [first] = differing as [DifferingRow]
  const place = `[${first.partition}]@${first.offset}`
  return [
    {
      ...about,
      expected: sum,
      found: { ...sum, rows: sum.rows - differing.length },
      equal: false,
      note: `${differing.length} rows differ, first ${place}: ${first.columns.join(', ') || 'is not there once'} (${counted})`,
      differing: differing.slice(0, SHOWN),
    },
  ]
}

/** Undefined where neither Kafka nor the archive has it any more. */
async function recordsOf(cut: Cut, reader: CutReader): Promise<readonly KafkaRecord[] | undefined> {
  try {
    return await reader.read(cut)
  } catch (thrown) {
    if (thrown instanceof KappaError && thrown.code === 'POSITION_LOST') return undefined
    if (thrown instanceof KappaError && thrown.code === 'CUT_MISMATCH')
      throw new KappaError('VERIFICATION_MISMATCH', reasonOf(thrown))
    throw thrown
  }
}

async function compareCut(
  topic: AnyTopic,
  { cut, refused }: LaneRecord,
  records: readonly KafkaRecord[],
  { clickhouse, registry }: Stores,
): Promise<readonly DifferingRow[]> {
  const rows = new Map<string, Readonly<Record<string, unknown>>[]>()
  for (const { partition, offset, value } of await clickhouse.rowsOf(topic, cut)) {
    const place = `${partition}:${offset}`
    rows.set(place, [...(rows.get(place) ?? []), value])
  }
  const decoder = registry.decoder(topic)
  await learnSchemas(decoder, records)
  const missing: DifferingRow[] = []
  const differing: DifferingRow[] = []
  for (const { partition, offset, value } of records) {
    const found = rows.get(`${partition}:${offset}`)
    const [row] = found ?? []
    if (row === undefined || found?.length !== 1 || value === null) {
      const isWrong = topic.contract.topic.kind === 'facts' || (found?.length ?? 0) > 1
      if (isWrong) (row === undefined ? missing : differing).push({ partition, offset, columns: [] })
      continue
    }
    const columns = differences(topic, decoder.decode(value), row)
    if (columns.length > 0) differing.push({ partition, offset, columns })
  }
  // Which ones were refused is in the dead letters; here their number tells.
  return missing.length === refused ? differing : [...differing, ...missing]
}

/** The fields in which two values differ, exactly: zero is told from minus zero, the order of a map's entries is not. */
export const differences = (
  { contract }: AnyTopic,
  event: Readonly<Record<string, unknown>>,
  row: Readonly<Record<string, unknown>>,
): readonly string[] =>
  contract.fields.map(({ name }) => name).filter((name) => !isDeepStrictEqual(event[name], row[name]))

/** So many of them, evenly, the last one among them. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  const chosen = new Set(Array.from({ length: most }, (_, i) => all.length - 1 - Math.floor((i * all.length) / most)))
  return all.filter((_, i) => chosen.has(i))
}
