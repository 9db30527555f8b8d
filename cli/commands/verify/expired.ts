import type { KafkaRecord } from '#engine/broker'
import { addHashes, type Cut, type Expectation, type LaneRecord, type RowSum, subtractHashes } from '#engine/delivery'
import { type AnyTopic, retentionMs } from '#engine/schema'
import { systemClock } from '#engine/time'
import type { Stores } from './stores.ts'

/** ClickHouse deletes when it merges; rows so near their end are left out of the comparison. */
const MARGIN_MS = 600_000

/** Rows written before this may be gone, milliseconds; undefined where the contract keeps them for ever. */
export function keptSince({ contract }: AnyTopic): number | undefined {
  const retention = retentionMs(contract.topic.retention)
  return retention < 0 ? undefined : systemClock.now() - retention + MARGIN_MS
}

/** Whether a cut's rows may be gone from ClickHouse by its TTL. */
export function mayBeGone(topic: AnyTopic, { decidedAt }: Cut): boolean {
  const since = keptSince(topic)
  return since !== undefined && decidedAt < since
}

const histories = new WeakMap<Stores, Promise<readonly LaneRecord[]>>()

/** The cut history of ClickHouse, read once. */
function historyOf(stores: Stores): Promise<readonly LaneRecord[]> {
  const known = histories.get(stores)
  if (known !== undefined) return known
  const records: LaneRecord[] = []
  const reading = stores.logs.clickhouse.history((record) => records.push(record)).then(() => records)
  histories.set(stores, reading)
  return reading
}

/** Rows of done cuts that were decided before `since`: what may be missing in ClickHouse and is no difference. */
export async function landedBefore(
  since: number,
  topic: string,
  { generation, cuts }: Expectation,
  stores: Stores,
): Promise<RowSum> {
  let sum: RowSum = { rows: 0, hashSum: '0' }
  const refusedBefore = new Map<number, string>()
  for (const { cut, refused, totals } of await historyOf(stores)) {
    if (cut.topic !== topic || cut.generation !== generation || cut.number > (cuts[cut.lane] ?? 0)) continue
    const refusedHashSum = subtractHashes(totals.refusedHashSum, refusedBefore.get(cut.lane) ?? '0')
    refusedBefore.set(cut.lane, totals.refusedHashSum)
    if (cut.decidedAt >= since) continue
    const hashSum = addHashes(sum.hashSum, subtractHashes(cut.hashSum, refusedHashSum))
    sum = { rows: sum.rows + cut.count - refused, hashSum }
  }
  return sum
}

/** Tells records whose cuts were decided since then from earlier ones; cuts of a partition follow one another in order. */
export async function keptRecords(
  since: number,
  topic: string,
  { generation, cuts }: Expectation,
  stores: Stores,
): Promise<(record: Pick<KafkaRecord, 'partition' | 'offset'>) => boolean> {
  const goneTo = new Map<number, number>()
  for (const { cut } of await historyOf(stores)) {
    if (cut.topic !== topic || cut.generation !== generation || cut.number > (cuts[cut.lane] ?? 0)) continue
    if (cut.decidedAt >= since) continue
    for (const { partition, last } of cut.ranges) goneTo.set(partition, Math.max(goneTo.get(partition) ?? -1, last))
  }
  return ({ partition, offset }) => offset > (goneTo.get(partition) ?? -1)
}

/** What expired was there: counted when it was taken away, it is not missing. */
export const together = (visible: RowSum, expired: RowSum): RowSum => ({
  rows: visible.rows + expired.rows,
  hashSum: addHashes(visible.hashSum, expired.hashSum),
})
