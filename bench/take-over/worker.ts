// A worker of take-over/measure.ts, which ends it with SIGKILL: revenue of a day by visitor, exactly once. Tells its parent
// when tasks change their state, when the first commit after that is acknowledged, and how far its standbys have read.
import { processor, sum, tumbling } from '#engine'
import { kafkaBroker } from '#engine/broker'
import { compile } from '#engine/compile'
import { names, startWorker, type TaskStatus } from '#engine/runtime'
import { count } from '#engine/topology'
import { purchases } from '#schemas'
import { benchRegistry, userPerMinute } from '../topics.ts'

export interface WorkerOrder {
  readonly brokers: string
  readonly app: string
  readonly id: string
  readonly standbys: number
  readonly sessionMs: number
  readonly commitMs: number
}

type OfTask = Pick<TaskStatus, 'partition' | 'state' | 'restore' | 'stateEntries' | 'reason'>

/** `at`: milliseconds since 1970, with fractions; one machine, so the clocks of all processes agree. */
export type WorkerNews =
  | ({ readonly kind: 'state'; readonly at: number } & OfTask)
  | { readonly kind: 'committed'; readonly at: number; readonly task: string }
  | {
      readonly kind: 'standbys'
      readonly at: number
      readonly next: Readonly<Record<number, number>>
      readonly running: number
    }

/** Everything stays open, so that the state is as large as there are visitors. */
export const held = processor('bench-held', ({ from }) =>
  from(purchases)
    .keyBy('visitorId')
    .window(tumbling({ size: '1 day', grace: '1 day' }))
    .aggregate({ events: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(userPerMinute),
)

export async function heldDeployment(app: string) {
  const registry = await benchRegistry()
  const { destination } = held
  return {
    ...{ app, processor: held.name, generation: 1, stages: compile(held), results: [destination.name], registry },
    schemaIds: new Map([[destination.name, await registry.idOf(destination)]]),
  }
}

const TELL_MS = 200

async function main(order: WorkerOrder): Promise<void> {
  process.once('disconnect', () => process.exit(1))
  const { app, id, standbys, sessionMs, commitMs } = order
  const deployment = await heldDeployment(app)
  const [stage] = deployment.stages
  const changelog = names.changelog(deployment, stage?.name ?? '')
  const now = () => performance.timeOrigin + performance.now()
  const tell = (news: WorkerNews) => process.send?.(news)
  const untold = new Set<string>()
  const worker = await startWorker({
    broker: kafkaBroker({ brokers: order.brokers.split(','), clientId: id }),
    deployments: [deployment],
    id,
    sessionTimeoutMs: sessionMs,
    settings: { commitIntervalMs: commitMs, standbys, transactionTimeoutMs: 5_000 },
    atStep(what, step, task) {
      if (what === 'take-over' && step === 1) untold.add(task)
      if (what === 'commit' && step === 5 && untold.delete(task)) tell({ kind: 'committed', at: now(), task })
    },
    onChange({ partition, state, restore, stateEntries, reason }) {
      tell({ kind: 'state', at: now(), partition, state, restore, stateEntries, reason })
    },
  })
  setInterval(async () => {
    const tasks = await worker.status().catch(() => [])
    const own = worker.standbys().filter(({ topic, following }) => topic === changelog && following)
    tell({
      kind: 'standbys',
      at: now(),
      next: Object.fromEntries(own.map(({ partition, next }) => [partition, next])),
      running: tasks.filter(({ state }) => state === 'running').length,
    })
  }, TELL_MS)
}

if (process.argv[2] !== undefined) await main(JSON.parse(process.argv[2]) as WorkerOrder)
