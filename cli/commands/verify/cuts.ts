import { addHashes, CutReader, type LaneRecord, type RowSum, subtractHashes } from '#engine/delivery'
import { KappaError, reasonOf } from '#engine/errors'
import { routes, type SinkName } from '../../../sinks/index.ts'
import type { Finding } from './compare.ts'
import { mayBeGone } from './expired.ts'
import type { Stores } from './stores.ts'

const none: RowSum = { rows: 0, hashSum: '0' }

/** Every done cut of a sink: read back from Kafka, and counted in ClickHouse. Only differences, and one line of what was equal. */
export async function verifyCuts(
  sink: SinkName,
  topics: ReadonlySet<string>,
  stores: Stores,
): Promise<readonly Finding[]> {
  const cuts: LaneRecord[] = []
  await stores.logs[sink].history((record) => {
    if (topics.has(record.cut.topic)) cuts.push(record)
  })
  const different: Finding[] = []
  const [equal, lost] = [new Map<string, RowSum>(), new Map<string, number>()]
  const refusedBefore = new Map<string, string>()
  const reader = new CutReader(stores.broker)
  for (const record of cuts) {
    const { cut, totals } = record
    const lane = `${cut.topic}|${cut.lane}|${cut.generation}`
    const refusedHashSum = subtractHashes(totals.refusedHashSum, refusedBefore.get(lane) ?? '0')
    refusedBefore.set(lane, totals.refusedHashSum)
    const found = [await inKafka(record, sink, reader)]
    if (sink === 'clickhouse') found.push(await inTable(record, refusedHashSum, stores))
    for (const one of found) {
      if (one === 'lost') lost.set(cut.topic, (lost.get(cut.topic) ?? 0) + 1)
      else if (one?.equal === false) different.push(one)
    }
    const sum = equal.get(cut.topic) ?? none
    equal.set(cut.topic, { rows: sum.rows + cut.count, hashSum: addHashes(sum.hashSum, cut.hashSum) })
  }
  await reader.close()
  const wrong = new Set(different.map(({ topic }) => topic))
  const lines = [...equal]
    .filter(([topic]) => !wrong.has(topic))
    .map(([topic, sum]): Finding => {
      const gone = lost.get(topic)
      const note =
        gone === undefined ? 'every cut read back' : `every cut read back that Kafka still has; ${gone} it has not`
      return {
        topic,
        store: `kafka (${sink})`,
        generation: 0,
        expected: sum,
        found: sum,
        refused: 0,
        equal: true,
        note,
      }
    })
  return [...different, ...lines]
}

async function inKafka({ cut }: LaneRecord, sink: SinkName, reader: CutReader): Promise<Finding | 'lost' | undefined> {
  try {
    await reader.read(cut)
    return undefined
  } catch (thrown) {
    if (thrown instanceof KappaError && thrown.code === 'POSITION_LOST') return 'lost'
    if (!(thrown instanceof KappaError) || thrown.code !== 'CUT_MISMATCH') throw thrown
    const { topic, generation, count, hashSum } = cut
    const expected = { rows: count, hashSum }
    return {
      topic,
      store: `kafka (${sink})`,
      generation,
      expected,
      found: none,
      refused: 0,
      equal: false,
      note: reasonOf(thrown),
    }
  }
}

/** Of facts alone: an upserted row may have been merged away by a later one. */
async function inTable(
  { cut, refused }: LaneRecord,
  refusedHashSum: string,
  stores: Stores,
): Promise<Finding | undefined> {
  const topic = routes.find((route) => route.topic.name === cut.topic)?.topic
  if (topic === undefined || topic.contract.topic.kind !== 'facts' || mayBeGone(topic, cut)) return undefined
  const expected = { rows: cut.count - refused, hashSum: subtractHashes(cut.hashSum, refusedHashSum) }
  const found = await stores.clickhouse.tallies.ofCut(topic, cut)
  const equal = found.rows === expected.rows && found.hashSum === expected.hashSum
  const { generation, number } = cut
  return { topic: topic.name, store: 'clickhouse', generation, expected, found, refused, equal, note: `cut ${number}` }
}
