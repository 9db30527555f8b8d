import type { TransactionalProducer } from '#engine/broker'
import { compile, framesOf } from '#engine/compile'
import { type AtStep, type BoundedProgress, type Deployment, names, settled } from '#engine/runtime'
import { type AnyTopic, kafkaTopicOf } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import { type Plan, type Row, settlingMs } from '#engine/topology'
import { planReplay, type ReplaySources } from '../facts.ts'
import { type LateEvent, reaching } from '../late-events.ts'
import { runScratch } from '../scratch/run.ts'
import { type Anew, differences, latestRows, type Own } from './ledger.ts'
import { fitting, lastMemo, type Memo, memoRecord, settlementsTopic } from './memo.ts'
import { lateOf, Touched } from './touched.ts'
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

/** Late events of every generation up to the one in force, and the starts of windows that are new among them. */
async function lateOfAll({ broker, deployment }: SettleOptions, own: Settleable, memo: Memo | undefined) {
  const ends: Record<string, readonly number[]> = {}
  const events: LateEvent[] = []
  const starts = new Set(memo?.waiting)
  const there = await broker.admin.topics()
  for (let generation = 1; generation <= deployment.generation; generation++) {
    const topic = names.late({ ...deployment, generation })
    if (!there.has(topic)) continue
    ends[topic] = await broker.admin.committedEnds(topic)
    const before = memo?.late[topic]
    for (const event of await lateOf(broker, topic, own)) {
      events.push(event)
      if (event.told.offset >= (before?.[event.told.partition] ?? 0))
        for (const start of event.starts) starts.add(start)
    }
  }
  return { ends, events, starts }
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
