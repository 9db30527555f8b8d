import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Broker } from '#engine/broker'
import { names } from '#engine/runtime'
import { purchases } from '#schemas'
import { typescriptFlags } from '../../deploy/local/processes/typescript.ts'
import { benchRegistry } from '../topics.ts'
import { PARTITIONS, purchaseOf, worldOf } from '../world.ts'
import { held, heldDeployment, type WorkerNews, type WorkerOrder } from './worker.ts'

export interface MeasureOptions {
  readonly broker: Broker
  readonly brokers: readonly string[]
  readonly app: string
  readonly standbys: number
  /** State entries of the processor, over its four tasks. */
  readonly entries: number
  /** Workers killed, one after the other. */
  readonly kills: number
  /** Kafka's session time-out: for so long a silent member is not missed. */
  readonly sessionMs: number
  readonly commitMs: number
  readonly eventsPerSecond: number
  tell(line: string): void
}

/** One task of a worker that was killed, in the hands of the one that is left. Milliseconds. */
export interface TakeOver {
  readonly partition: number
  /** From SIGKILL until the group gave the task to the survivor: the session time-out, and the rebalance. */
  readonly missed: number
  /** From then until the state was restored and records were asked for. */
  readonly restored: number
  /** From the assignment until the first transaction with new input was committed. */
  readonly committed: number
  readonly warm: boolean
  /** Changelog offsets read. */
  readonly read: number
  readonly entries: number
}

const WAIT_MS = 120_000
const FIRST_MS = 500

/** A worker process, and what it said. */
class Worker {
  readonly id: string
  readonly child: ChildProcess
  readonly news: WorkerNews[] = []
  standing: Extract<WorkerNews, { kind: 'standbys' }> | undefined

  constructor(order: WorkerOrder) {
    this.id = order.id
    const worker = fileURLToPath(new URL('./worker.ts', import.meta.url))
    this.child = fork(worker, [JSON.stringify(order)], { execArgv: [...typescriptFlags] })
    this.child.on('message', (news: WorkerNews) => {
      if (news.kind === 'standbys') this.standing = news
      else this.news.push(news)
    })
  }

  async kill(): Promise<number> {
    const at = performance.timeOrigin + performance.now()
    if (this.child.exitCode !== null || this.child.signalCode !== null) return at
    const gone = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGKILL')
    await gone
    return at
  }
}

/**
 * Two workers share four tasks under load; one is killed with SIGKILL, the other takes its tasks over, the first comes back:
 * as often as asked, the workers in turn. Every task that changed hands is one row.
 */
export async function measureTakeOvers(options: MeasureOptions): Promise<TakeOver[]> {
  const { broker, app, standbys, kills, sessionMs, commitMs } = options
  const deployment = await heldDeployment(app)
  const stage = deployment.stages[0]?.name ?? ''
  const logs = { group: names.group(deployment, stage), changelog: names.changelog(deployment, stage) }
  const topics = [purchases.name, held.destination.name]
  await broker.admin.ensure(topics.map((name) => ({ name, partitions: PARTITIONS, settings: {} })))
  const load = new AbortController()
  const started = (id: string) =>
    new Worker({ ...{ app, id, standbys, sessionMs, commitMs }, brokers: options.brokers.join() })
  const workers: Worker[] = []
  let producing: Promise<void> | undefined
  try {
    await fill(options)
    workers.push(started('one'), started('two'))
    producing = produce(options, load.signal)
    const rows: TakeOver[] = []
    for (let kill = 0; kill < kills; kill++) {
      await until(() => steady(workers, broker, logs, standbys), 'both workers run, standbys have caught up')
      const [victim, survivor] = [workers[kill % 2], workers[(kill + 1) % 2]]
      if (!victim || !survivor) break
      survivor.news.length = 0
      const killedAt = await victim.kill()
      const found = () => takeOversOf(survivor.news, killedAt)
      await until(async () => found().length === PARTITIONS / 2, `${survivor.id} takes over`)
      rows.push(...found())
      for (const row of found()) options.tell(textOf(kill, row))
      workers[kill % 2] = started(victim.id)
    }
    return rows
  } finally {
    load.abort()
    await producing
    for (const worker of workers) await worker.kill()
  }
}

const whole = (milliseconds: number): string => `${Math.round(milliseconds)} ms`
const textOf = (kill: number, { partition, missed, restored, committed, warm, read, entries }: TakeOver): string =>
  `kill ${kill + 1}, task ${partition}: missed after ${whole(missed)}; from the assignment to the state ${whole(restored)}, ` +
  `to the first commit ${whole(committed)} (${warm ? 'warm' : 'cold'}, ${read} offsets read, ${entries} entries)`

/** Tasks that were assigned after the kill, and have committed since. */
function takeOversOf(news: readonly WorkerNews[], killedAt: number): TakeOver[] {
  const rows: TakeOver[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const states = news.filter((one) => one.kind === 'state').filter((one) => one.partition === partition)
    const assigned = states.find(({ state, at }) => state === 'taking-over' && at > killedAt)
    if (!assigned) continue
    const running = states.find(({ state, at }) => state === 'running' && at > assigned.at)
    const committed = news.find(
      (one) => one.kind === 'committed' && one.task.endsWith(`-${partition}`) && one.at > assigned.at,
    )
    if (!running?.restore || !committed) continue
    const { restore, stateEntries } = running
    rows.push({
      partition,
      missed: assigned.at - killedAt,
      restored: running.at - assigned.at,
      committed: committed.at - assigned.at,
      warm: restore.warm,
      read: restore.end - restore.from,
      entries: stateEntries,
    })
  }
  return rows
}

interface Logs {
  readonly group: string
  readonly changelog: string
}

/** Each runs its half, little is not committed yet, and each follows what the other has. */
async function steady(workers: readonly Worker[], broker: Broker, { group, changelog }: Logs, standbys: number) {
  const { admin } = broker
  const asked = [admin.committedEnds(changelog), admin.committedEnds(purchases.name)] as const
  const [ends, written, positions] = await Promise.all([...asked, admin.groupPositions(group, purchases.name)]).catch(
    () => [],
  )
  if (!ends || !written || !positions) return false
  if (written.some((end, partition) => end - Math.max(0, positions[partition] ?? 0) > 2_000)) return false
  return workers.every(({ standing }) => {
    if (!standing || standing.running !== PARTITIONS / 2) return false
    const read = Object.entries(standing.next).filter(
      ([partition, next]) => next >= (ends[Number(partition)] ?? 0) - 60,
    )
    return standbys === 0 || read.length === PARTITIONS / 2
  })
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const began = performance.now(); performance.now() - began < WAIT_MS; await setTimeout(50))
    if (await holds()) return
  throw new Error(`waited in vain: ${what}`)
}

async function* purchasesOf(entries: number, count: number, from = 0) {
  const id = await (await benchRegistry()).idOf(purchases)
  const world = worldOf(count, Date.now())
  for (let n = 0; n < count; n++) {
    const visitorId = `v-${(from + n) % entries}`
    const value = purchases.frame(id, { ...purchaseOf(world, n), visitorId, occurredAt: world.end })
    yield { topic: purchases.name, key: Buffer.from(visitorId), value }
  }
}

async function fill({ broker, entries }: MeasureOptions): Promise<void> {
  const producer = await broker.producer()
  for await (const record of purchasesOf(entries, entries)) await producer.send(record)
  await producer.flush()
  await producer.close()
}

async function produce({ broker, entries, eventsPerSecond }: MeasureOptions, signal: AbortSignal): Promise<void> {
  const producer = await broker.producer()
  const perTick = Math.max(1, Math.round(eventsPerSecond / 50))
  for (let from = 0; !signal.aborted; from += perTick) {
    for await (const record of purchasesOf(entries, perTick, from)) await producer.send(record)
    await setTimeout(from === 0 ? FIRST_MS : 20)
  }
  await producer.flush()
  await producer.close()
}
