import type { KafkaRecord } from '#engine/broker'
import { type Expectation, expectationOf, latestOf, type RowSum, refusedBy, subtractHashes } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { milliseconds, systemClock } from '#engine/time'
import type { Route } from '../../../sinks/index.ts'
import { tallyTopic } from '../../../sinks/s3/index.ts'
import { betweenStores } from './between.ts'
import { keptRecords, keptSince, landedBefore, together } from './expired.ts'
import type { Stores } from './stores.ts'
import type { DifferingRow } from './values.ts'

/** One comparison: what a sink read of a topic, and what its store holds. */
export interface Finding {
  readonly topic: string
  readonly store: string
  readonly generation: number
  readonly expected: RowSum
  readonly found: RowSum
  readonly refused: number
  /** Undefined where nothing can be compared; the note says why. */
  readonly equal: boolean | undefined
  readonly note?: string
  /** Of a comparison column by column, the first rows that differ. */
  readonly differing?: readonly DifferingRow[]
}

const TRIES = 5
const PAUSE_MS = 1_000

/** What is compared while the sink runs may be a moment old: a difference counts only if the sink stood still. */
export async function verifyRoute(route: Route, stores: Stores, deep: boolean): Promise<readonly Finding[]> {
  const clickhouse = route.clickhouse ? await settled(() => inClickHouse(route, stores)) : []
  const redis = route.topic.contract.topic.serving ? await settled(() => inRedis(route, stores)) : []
  const s3 = await settled(() => inS3(route, stores, deep))
  return [...clickhouse, ...redis, ...s3, ...(await settled(() => betweenStores(route, stores)))]
}

async function settled(compare: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  for (let tries = 1; ; tries++) {
    const findings = await compare()
    if (tries >= TRIES || findings.every(({ equal }) => equal !== false)) return findings
    await systemClock.sleep(PAUSE_MS)
  }
}

async function inClickHouse({ topic }: Route, stores: Stores): Promise<readonly Finding[]> {
  const expectation = await expectationOf(stores.logs.clickhouse, topic.name)
  if (expectation === undefined) return []
  const { generation, landed, refused, positions, promoted } = expectation
  const about = { topic: topic.name, generation, refused }
  const { tallies } = stores.clickhouse
  const since = keptSince(topic)
  const gone = since === undefined ? undefined : await landedBefore(since, topic.name, expectation, stores)
  const past = gone === undefined || gone.rows === 0 ? undefined : `${gone.rows} past their retention`
  if (topic.contract.topic.kind === 'facts') {
    const kept =
      gone === undefined
        ? landed
        : { rows: landed.rows - gone.rows, hashSum: subtractHashes(landed.hashSum, gone.hashSum) }
    const found = await tallies.ofGeneration(topic, generation, positions, since)
    const one = finding(about, 'clickhouse', kept, found, expectation)
    return [past === undefined || one.note !== undefined ? one : { ...one, note: past }]
  }
  if (promoted)
    return [
      {
        ...about,
        store: 'clickhouse latest',
        expected: landed,
        found: await tallies.ofLatest(topic),
        equal: undefined,
        note: 'a replay was promoted; `kappa replay verify` compared it',
      },
    ]
  const counts = await countedRecords(topic, expectation, since, stores)
  const expected = await latestOf(topic, positions, stores, { counts })
  const one = finding(
    about,
    'clickhouse latest',
    expected,
    await tallies.ofLatest(topic, undefined, since),
    expectation,
  )
  return [past === undefined || one.note !== undefined ? one : { ...one, note: past }]
}

/** Leaves out what the store refused, and what its TTL may have taken: an identity whose latest is kept is compared. */
async function countedRecords(
  topic: AnyTopic,
  expectation: Expectation,
  since: number | undefined,
  stores: Stores,
): Promise<(record: KafkaRecord) => boolean> {
  const isKept = since === undefined ? () => true : await keptRecords(since, topic.name, expectation, stores)
  const isRefused =
    expectation.refused === 0 ? () => false : await refusedBy(stores.broker, topic.name, stores.logs.clickhouse.sink)
  return (record) => isKept(record) && !isRefused(record)
}

/** The serving view forgets a row a while after it was written; what is near that moment is left out. */
const FORGETTING_MS = 60_000

async function inRedis({ topic }: Route, stores: Stores): Promise<readonly Finding[]> {
  const expectation = await expectationOf(stores.logs.redis, topic.name)
  const { serving } = topic.contract.topic
  if (expectation === undefined || serving === undefined) return []
  const { generation, landed, refused, positions, promoted } = expectation
  const about = { topic: topic.name, generation, refused }
  const since =
    serving.ttl === 'forever' ? Number.NEGATIVE_INFINITY : systemClock.now() - milliseconds(serving.ttl) + FORGETTING_MS
  if (promoted) {
    const note = 'a replay was promoted; rows before it are as they were: kappa sink rebuild redis'
    const found = await stores.redis.tally(topic, since)
    return [{ ...about, store: 'redis', expected: landed, found, equal: undefined, note }]
  }
  const latest = await latestOf(topic, positions, stores, { since })
  return [finding(about, 'redis', latest, await stores.redis.tally(topic, since), expectation)]
}

async function inS3({ topic, silver }: Route, stores: Stores, deep: boolean): Promise<readonly Finding[]> {
  const expectation = await expectationOf(stores.logs.s3, topic.name)
  if (expectation === undefined) return []
  const { generation, read, landed, refused, cuts } = expectation
  const about = { topic: topic.name, generation, refused }
  const tally = await tallyTopic(stores.objects, topic.name, generation, cuts, deep)
  const broken = tally.broken.length === 0 ? undefined : `missing or altered: ${tally.broken.slice(0, 3).join('; ')}`
  const found = (kind: 'bronze' | 'silver', expected: RowSum): Finding => {
    const expired = tally.expired[kind]
    const one = finding(about, `s3 ${kind}`, expected, together(tally[kind], expired), expectation, broken)
    return expired.rows === 0 || one.note !== undefined ? one : { ...one, note: `${expired.rows} past their retention` }
  }
  return silver === undefined ? [found('bronze', read)] : [found('bronze', read), found('silver', landed)]
}

function finding(
  about: Pick<Finding, 'topic' | 'generation' | 'refused'>,
  store: string,
  expected: RowSum,
  found: RowSum,
  { promoted }: Expectation,
  broken?: string,
): Finding {
  const equal = expected.rows === found.rows && expected.hashSum === found.hashSum
  const note = equal ? (promoted ? 'since the promotion' : undefined) : (broken ?? differenceOf(expected, found))
  return { ...about, store, expected, found, equal, ...(note === undefined ? {} : { note }) }
}

const differenceOf = (expected: RowSum, found: RowSum): string =>
  expected.rows === found.rows
    ? 'as many rows, but not the same'
    : `${found.rows - expected.rows > 0 ? '+' : ''}${found.rows - expected.rows} rows`
