import type { KafkaRecord, TransactionalProducer } from '#engine/broker'
import { compile, framesOf } from '#engine/compile'
import { recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AtStep, type BoundedProgress, type Deployment, generationTopic, names, settled } from '#engine/runtime'
import { type AnyTopic, kafkaTopicOf } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import { type Plan, type Row, settlingMs } from '#engine/topology'
import { planReplay, type ReplaySources } from '../facts.ts'
import { type LateEvent, reaching } from '../late-events.ts'
import { runScratch } from '../scratch/run.ts'
import { lastMemo, type Memo, memoRecord, settlementsTopic } from './memo.ts'
import { identityIn, lateOf, Touched } from './touched.ts'
import { type Settleable, settleable, unlimited } from './unlimited.ts'

export interface SettleOptions extends ReplaySources {
  readonly plan: Plan
  /** The generation in force; its vault and registry are used. */
  readonly deployment: Deployment
  /** Where corrections go: the fields of the destination, counts and sums signed, and `correctionId` and `number`. */
  readonly corrections: AnyTopic | undefined
  /** True: says what it would post, and posts nothing. */
  readonly dryRun?: boolean
  readonly clock?: Clock
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BoundedProgress) => void
  /** Fault injection: 1 before the producer is taken over, 2 before the commit, 3 after it. */
  readonly atStep?: AtStep
}

/** What settling found and did. */
export interface Settlement {
  readonly processor: string
  /** Late events of the windows that were made anew. */
  readonly late: number
  /** Windows that were made anew, and those that late events touch before they are final. */
  readonly windows: number
  readonly waiting: number
  /** Rows that were posted, as their topic has them. */
  readonly corrections: readonly Row[]
  /** Identities of rows that may be past the retention of the result topic: nothing is said about them. */
  readonly unknown: readonly string[]
  /** Events that were read. */
  readonly read: number
}

/**
 * Makes the windows that late events missed anew with unlimited grace, compares them with the ledger (the rows that were
 * published, and earlier corrections), and posts what is missing as signed rows: ledger plus corrections is then what a
 * whole recomputation with unlimited grace gives. It reads what stands and posts the difference, in one transaction of an
 * id of its own: run twice it posts nothing new, killed anywhere and run again it posts once. Only windows whose ledger
 * rows are final are settled; the others are remembered. Throws CONFIG_INVALID for processors that sums cannot correct and where
 * events are lost, FENCED where another run of it began meanwhile.
 */
export async function settle(options: SettleOptions): Promise<Settlement> {
  const { plan, deployment, broker, atStep, dryRun } = options
  const own = settleable(plan, options.corrections)
  const id = `${deployment.app}-${plan.name}-settle`
  await atStep?.('commit', 1, id)
  if (dryRun === true) return await settleWith(options, own, undefined)
  await broker.admin.ensure([settlementsTopic, ...(await missing(options, own.corrections))])
  // From here on nobody else posts: an earlier run that is still under way is fenced, and its transaction ended.
  const producer = await broker.transactional(id)
  try {
    return await settleWith(options, own, producer)
  } finally {
    await producer.close()
  }
}

type Own = Settleable & { readonly corrections: AnyTopic }

async function settleWith(
  options: SettleOptions,
  own: Own,
  producer: TransactionalProducer | undefined,
): Promise<Settlement> {
  const { plan, deployment, broker } = options
  const until = await finalUntil(options)
  const memo = fitting(await lastMemo(broker, plan.name), plan, deployment)
  const found = await lateOfAll(options, own, memo)
  const [starts, waiting] = [new Set<number>(), new Set<number>()]
  const frames = framesOf(own.window)
  for (const start of found.starts) (until !== undefined && frames.endOf(start) <= until ? starts : waiting).add(start)
  const late = found.events.filter((event) => event.starts.some((start) => starts.has(start)))
  const anew = starts.size === 0 ? nothing : await madeAnew(options, own, late, starts)
  const { rows, unknown } = await differences(options, own, anew)
  const said: Memo = {
    processor: plan.name,
    generation: deployment.generation,
    version: plan.version,
    late: found.ends,
    waiting: [...waiting].sort((a, b) => a - b),
  }
  const isNews = rows.length > 0 || JSON.stringify(said) !== JSON.stringify(memo)
  if (producer !== undefined && isNews) await post(options, own, rows, said, producer)
  return {
    ...{ processor: plan.name, late: late.length, windows: starts.size, waiting: waiting.size },
    ...{ corrections: rows, unknown, read: anew.read },
  }
}

/** Up to when rows are final; undefined where the processor never ran. */
async function finalUntil({ plan, deployment, broker }: SettleOptions): Promise<number | undefined> {
  const there = await broker.admin.topics()
  if (!deployment.stages.every(({ name }) => there.has(names.changelog(deployment, name)))) return undefined
  return (await settled(broker, deployment, settlingMs(plan))).until
}

/** The topic of corrections is made where it is missing, with the partitions of the results. */
async function missing({ broker, plan }: SettleOptions, corrections: AnyTopic) {
  const there = await broker.admin.topics()
  if (there.has(corrections.name)) return []
  return [kafkaTopicOf(corrections, { partitions: there.get(plan.destination.name) ?? 1 })]
}

/** Rows of another generation are other rows, and other code makes others: then everything is looked at again. */
const fitting = (memo: Memo | undefined, { version }: Plan, { generation }: Deployment): Memo | undefined =>
  memo?.version === version && memo.generation === generation ? memo : undefined

/** Late events of every generation up to the one in force, and the starts of windows that are new among them. */
async function lateOfAll({ broker, deployment }: SettleOptions, own: Settleable, memo: Memo | undefined) {
  const ends: Record<string, readonly number[]> = {}
  const events: LateEvent[] = []
  const there = await broker.admin.topics()
  let isNew = memo === undefined
  for (let generation = 1; generation <= deployment.generation; generation++) {
    const topic = names.late({ ...deployment, generation })
    if (!there.has(topic)) continue
    ends[topic] = await broker.admin.committedEnds(topic)
    isNew ||= ends[topic].some((end, partition) => end > (memo?.late[topic]?.[partition] ?? 0))
    events.push(...(await lateOf(broker, topic, own)))
  }
  const all = new Set(isNew ? events.flatMap(({ starts }) => starts) : memo?.waiting)
  return { ends, events, starts: all }
}

interface Anew {
  /** By identity: what a row comes to with unlimited grace. */
  readonly rows: ReadonlyMap<string, Row>
  /** Identities that late events are of. */
  readonly touched: ReadonlySet<string>
  readonly read: number
}

const nothing: Anew = { rows: new Map(), touched: new Set(), read: 0 }

async function madeAnew(
  options: SettleOptions,
  own: Settleable,
  late: readonly LateEvent[],
  starts: ReadonlySet<number>,
): Promise<Anew> {
  const { plan, deployment, clock = systemClock } = options
  const from = Math.min(...starts)
  const last = framesOf(own.window).endOf(Math.max(...starts))
  const about = { processor: plan.name, topic: plan.destination.name, version: plan.version, live: true as const }
  const request = { ...about, source: 'auto' as const, from, to: last }
  const bounds = reaching((await planReplay(plan, request, options)).bounds, late)
  const stages = compile(unlimited(own))
  const touched = new Touched(own, late, starts)
  const ran = await runScratch({
    ...options,
    clock,
    plan: await planReplay(plan, request, options, bounds),
    deployment: { ...deployment, stages },
    recorded: new Map(),
    probe: touched,
  })
  return { rows: await latestRows(options, plan.destination, [ran.results]), touched: touched.rows, read: ran.taken }
}

type Batches = Iterable<readonly KafkaRecord[]> | AsyncIterable<readonly KafkaRecord[]>

/** The latest row of each identity, in the order given. */
async function latestRows(
  { deployment }: SettleOptions,
  topic: AnyTopic,
  batches: Batches,
  keep: (row: Row) => boolean = () => true,
): Promise<Map<string, Row>> {
  const decoder = deployment.registry.decoder(topic)
  const rows = new Map<string, Row>()
  for await (const records of batches)
    for (const { value } of records) {
      if (value === null) continue
      const id = decoder.idOf(value)
      if (!decoder.knows(id)) await decoder.learn(id)
      const row = decoder.decode(value) as Row
      if (keep(row)) rows.set(identityIn(topic, row), row)
    }
  return rows
}

/** Every committed record of a topic; those of transactions that are just ending, too. */
async function* recordsOf({ broker }: SettleOptions, topic: string): AsyncGenerator<readonly KafkaRecord[]> {
  if (!(await broker.admin.topics()).has(topic)) return
  const beginnings = await broker.admin.beginnings(topic)
  const ends = await broker.admin.settledEnds(topic)
  yield* recordsBetween(broker, topic, new Map(beginnings.entries()), new Map(ends.entries()))
}

/** What is missing in the ledger and the corrections together. */
async function differences(options: SettleOptions, own: Own, anew: Anew) {
  const rows: Row[] = []
  const unknown: string[] = []
  if (anew.touched.size === 0) return { rows, unknown }
  const ledger = await ledgerOf(options, anew.touched)
  const { sums, numbers } = await postedOf(options, own)
  for (const identity of [...anew.touched].sort()) {
    const row = anew.rows.get(identity)
    const published = ledger.rows.get(identity)
    if (row === undefined) continue
    if (published === undefined && ledger.isCut) {
      unknown.push(identity)
      continue
    }
    const number = (numbers.get(identity) ?? 0) + 1
    const difference = differenceOf(own.columns, row, published, sums.get(identity))
    if (difference === undefined) continue
    rows.push({ ...row, ...difference, correctionId: `${own.plan.name}/${identity}/${number}`, number })
  }
  return { rows, unknown }
}

async function post(
  { deployment, atStep }: SettleOptions,
  { corrections: topic }: Own,
  rows: readonly Row[],
  memo: Memo,
  producer: TransactionalProducer,
): Promise<void> {
  const schemaId = await deployment.registry.idOf(topic)
  await producer.begin()
  for (const row of rows)
    await producer.send({ topic: topic.name, key: Buffer.from(topic.keyOf(row)), value: topic.frame(schemaId, row) })
  await producer.send(memoRecord(memo))
  await atStep?.('commit', 2, producer.id)
  await producer.commit()
  await atStep?.('commit', 3, producer.id)
}

/** What was published of these rows: on the live topic, or by a promoted replay in their stead. */
async function ledgerOf(options: SettleOptions, touched: ReadonlySet<string>) {
  const { plan, deployment, broker } = options
  const { destination } = plan
  const isTouched = (row: Row): boolean => touched.has(identityIn(destination, row))
  const { name } = destination
  const made = deployment.generation === 1 ? [] : [generationTopic(name, deployment.generation)]
  const rows = new Map<string, Row>()
  for (const topic of [name, ...made])
    for (const [identity, row] of await latestRows(options, destination, recordsOf(options, topic), isTouched))
      rows.set(identity, row)
  const isCut = (await broker.admin.beginnings(name)).some((beginning) => beginning > 0)
  return { rows, isCut }
}

/** What earlier corrections come to, and how many there are of each row. */
async function postedOf(options: SettleOptions, { columns, corrections, plan }: Own) {
  const sums = new Map<string, Row>()
  const numbers = new Map<string, number>()
  const rows = await latestRows(options, corrections, recordsOf(options, corrections.name))
  for (const row of rows.values()) {
    const identity = identityIn(plan.destination, row)
    const known = sums.get(identity) ?? {}
    sums.set(
      identity,
      Object.fromEntries(columns.map((column) => [column, plus(known[column] ?? zeroOf(row[column]), row[column])])),
    )
    numbers.set(identity, Math.max(numbers.get(identity) ?? 0, Number(row.number)))
  }
  return { sums, numbers }
}

/** What is missing in each column; undefined where nothing is. */
function differenceOf(columns: readonly string[], row: Row, ...has: readonly (Row | undefined)[]): Row | undefined {
  const difference: Row = {}
  for (const column of columns) {
    let rest = row[column]
    for (const one of has) if (one !== undefined) rest = plus(rest, negative(one[column]))
    difference[column] = rest
  }
  return columns.every((column) => Number(difference[column]) === 0) ? undefined : difference
}

const plus = (a: unknown, b: unknown): unknown => {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b
  if (typeof a === 'number' && typeof b === 'number') return a + b
  throw new KappaError('STATE_MISMATCH', `adding ${typeof a} to ${typeof b}: a row and its correction differ in type`)
}
const negative = (value: unknown): unknown =>
  typeof value === 'bigint' ? -value : typeof value === 'number' ? -value : value
const zeroOf = (value: unknown): unknown => (typeof value === 'bigint' ? 0n : 0)
