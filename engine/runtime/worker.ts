import { randomUUID } from 'node:crypto'
import type { Broker, Member } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { type Followed, type ShadowStatus, Shadows } from './changelog/shadows.ts'
import { standbyPartitions } from './changelog/standby.ts'
import { type Deployment, internalTopics, names } from './deployment.ts'
import { cachedEnds, cachedPositions } from './ends.ts'
import type { AtStep } from './faults.ts'
import { patiently } from './patience.ts'
import { Roster } from './roster.ts'
import { queryState, type StateAnswer, type StateQuery } from './serving/queries.ts'
import { defaultSettings, type TaskSettings } from './settings.ts'
import { withBroadcasts } from './stage/broadcasts.ts'
import { StageLoop } from './stage/stage-loop.ts'
import { changedDeployments, refusedTasks } from './start-check.ts'
import { Completions, followImports } from './task/imports.ts'
import type { WorkerSnapshot } from './telemetry/metrics.ts'
import type { TaskStatus } from './telemetry/status.ts'
import { hotKeyText, threadsText } from './telemetry/warnings.ts'
import { partitionsOf } from './topics.ts'

export interface WorkerOptions {
  readonly broker: Broker
  readonly deployments: readonly Deployment[]
  readonly clock?: Clock
  readonly settings?: Partial<TaskSettings>
  /** A member that is silent for so long is taken for dead, and its tasks go to others. */
  readonly sessionTimeoutMs?: number
  /** Names the worker among those of the application, in its groups too; made up where absent. Two of one name fence one another. */
  readonly id?: string
  /**
   * The worker keeps its tasks while it is away for less than the session time-out, so that a restart under the same `id`
   * moves nothing; when it leaves for good, others wait for that time-out. @defaultValue false
   */
  readonly isStatic?: boolean
  readonly atStep?: AtStep
  /** Called when a task changes its state: stopped, retrying, running again. */
  readonly onChange?: (status: TaskStatus) => void
  /** Called with what a person should know, though nothing stops: a key that takes too much of a task, Kafka being away at the start. */
  readonly onWarning?: (text: string) => void
  /** Threads of the process for calls that block (`UV_THREADPOOL_SIZE`): where they may be too few, `onWarning` is told. */
  readonly threads?: number
  /** Gives up starting, where Kafka is waited for; a worker that was started is ended by `stop`. */
  readonly signal?: AbortSignal
}

interface Joined {
  readonly loop: StageLoop
  readonly member: Member
  readonly topics: readonly string[]
  readonly group: string
  readonly partitions: number
  readonly deployment: Deployment
  /** Times the group told this worker what it has. */
  rebalances: number
}

/** What the worker runs, for the roster. */
const groupsOf = (stages: readonly Joined[]): Record<string, readonly number[]> =>
  Object.fromEntries(
    stages.map(({ group, loop }) => [
      group,
      loop.slots.filter(({ state }) => state === 'running' || state === 'parked').map(({ partition }) => partition),
    ]),
  )

/** Processors running in this process. */
export interface Worker {
  /** Tasks of this process; with the lag behind the read-committed ends where asked for. */
  status(withLag?: boolean): Promise<readonly TaskStatus[]>
  /** States held for tasks that other workers run. */
  standbys(): readonly ShadowStatus[]
  /** Everything at one moment, for metrics. */
  snapshot(withLag?: boolean): Promise<WorkerSnapshot>
  /** Looks into the state of a stage, or says who has it. */
  query(query: StateQuery): Promise<StateAnswer>
  /** Tells the other workers where this one answers queries (`http://host:port`). */
  advertise(address: string): Promise<void>
  /** Resolves when the worker was stopped, or when every task it has is stopped by an error. */
  readonly finished: Promise<void>
  /** Finishes running slices, commits, leaves the groups at once. */
  stop(): Promise<void>
}

/**
 * Runs processors: one group member per stage, one task per partition that the group gives to this process. Throws where a
 * processor cannot run at all (topics missing, partition counts contradict), or where none fits its stored state; one that
 * does not, and what goes wrong later, is told by `onChange`. Kafka may be away: it is waited for, as long as the settings
 * say, and then SERVICE_UNAVAILABLE (retriable) is thrown, INTERRUPTED after the signal.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { broker, clock = systemClock, sessionTimeoutMs } = options
  const deployments = await Promise.all(options.deployments.map((one) => withBroadcasts(broker, one)))
  const id = options.id ?? `worker-${randomUUID().slice(0, 8)}`
  const settings = { ...defaultSettings, ...options.settings }
  const { signal, onWarning: onWaiting } = options
  const inTime = <T>(call: () => Promise<T>): Promise<T> =>
    patiently(call, { clock, patienceMs: settings.brokerPatienceMs, onWaiting, signal })
  const completions = new Completions()
  const stages: Joined[] = []
  /** Tasks of processors that do not fit their stored state. */
  const refused: TaskStatus[] = []
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const shadows = new Shadows({ broker, clock, maxEntries: settings.standbyEntries })
  const ends = cachedEnds(broker, clock, settings.lookIntervalMs)
  const told = new Map<string, string>()
  const tell = (): void => {
    const statuses = stages.flatMap(({ loop }) => loop.status())
    for (const status of [...refused, ...statuses]) {
      const key = `${status.processor} ${status.stage} ${status.partition}`
      const text = `${status.state} ${status.reason ?? ''}`
      if (told.get(key) !== text) options.onChange?.(status)
      told.set(key, text)
    }
    if (statuses.length > 0 && statuses.every(({ state }) => state === 'stopped')) finish()
    roster?.announce({ groups: groupsOf(stages) })
    standBy()
  }
  let roster: Roster | undefined
  const standBy = (): void => {
    if (!roster || settings.standbys === 0) return
    const followed: Followed[] = []
    for (const { loop, group, partitions } of stages) {
      // Memory is what such state does not fit into; its file is what another take-over begins with.
      if (loop.spec.onDisk && settings.stateFolder !== undefined) continue
      for (const partition of standbyPartitions(id, roster.members(group), partitions, settings.standbys))
        if (!loop.slots.some((slot) => slot.partition === partition))
          followed.push({ ...loop.changelogOf(partition), open: loop.opener(partition) })
    }
    shadows.follow(followed)
  }
  const enrol = async (address: string | null): Promise<void> => {
    const own = { id, app: deployments[0]?.app ?? '', address, groups: groupsOf(stages) }
    roster ??= await Roster.open(broker, clock, own, standBy)
    roster.announce({ address })
  }

  const nextOf = (deployment: Deployment, { next }: StageSpec): StageLoop | undefined =>
    stages.find(({ loop, deployment: of }) => of === deployment && loop.spec.name === next)?.loop
  const join = async (deployment: Deployment, spec: StageSpec, partitions: number): Promise<void> => {
    const dealt = spec.inputs.filter(({ role }) => role !== 'broadcast')
    const topics = dealt.map((input) => names.input(deployment, input))
    const group = names.group(deployment, spec.name)
    const asked = {
      ...{ group, topics, id },
      ...(options.isStatic ? { isStatic: true } : {}),
      ...(sessionTimeoutMs ? { sessionTimeoutMs } : {}),
    }
    const member = await inTime(() => broker.member(asked))
    const loop = new StageLoop({
      deployment,
      spec,
      partitions,
      broker,
      reader: member,
      clock,
      settings,
      ends,
      completions,
      report: (positions) => member.report(positions),
      atStep: options.atStep,
      onFenced: 'retake',
      told: {
        watermarks: () => nextOf(deployment, spec)?.sourceTimes(),
        positions: cachedPositions(broker, clock, settings.lookIntervalMs, group),
      },
      shadows,
      onChange: tell,
      onHotKey: (partition, hot) => options.onWarning?.(hotKeyText(spec, partition, hot)),
    })
    const joined: Joined = { loop, member, topics, group, partitions, deployment, rebalances: 0 }
    stages.push(joined)
    attach(joined)
  }

  const wake = (): void => {
    for (const { loop } of stages) for (const slot of loop.slots) slot.wake()
  }
  const imports = await inTime(() => followImports(broker, clock, completions, wake))
  const stop = async (): Promise<void> => {
    await Promise.all(
      stages.map(async ({ loop, member }) => {
        await loop.stop()
        await member.close()
      }),
    )
    await roster?.close()
    await shadows.close()
    await imports.close()
    finish()
  }
  try {
    const placed = await Promise.all(
      deployments.map(async (deployment) => ({
        deployment,
        partitions: await inTime(() => partitionsOf(broker, deployment)),
      })),
    )
    const internal = placed.flatMap(({ deployment, partitions }) => internalTopics(deployment, partitions))
    await inTime(() => broker.admin.ensure(internal))
    const changed = await changedDeployments(broker, deployments)
    const [refusal] = changed.values()
    if (refusal && changed.size === deployments.length) throw refusal
    const joining = placed.flatMap(({ deployment, partitions }) => {
      const why = changed.get(deployment)
      if (why === undefined) return deployment.stages.map((spec) => join(deployment, spec, partitions))
      refused.push(...refusedTasks(deployment, partitions, why))
      return []
    })
    const tasks = placed.reduce((sum, { deployment, partitions }) => sum + deployment.stages.length * partitions, 0)
    const tooFew = threadsText(tasks, options.threads)
    if (tooFew !== undefined) options.onWarning?.(tooFew)
    tell()
    // All settle before anything is thrown, so that `stop` finds every member that was opened.
    for (const joined of await Promise.allSettled(joining)) if (joined.status === 'rejected') throw joined.reason
    if (settings.standbys > 0) await inTime(() => enrol(null))
  } catch (thrown) {
    await stop()
    throw thrown
  }
  const status = async (withLag = false): Promise<readonly TaskStatus[]> => {
    if (!withLag) return [...refused, ...stages.flatMap(({ loop }) => loop.status())]
    const topics = new Set(
      stages.flatMap(({ deployment, loop: { spec } }) => spec.inputs.map((input) => names.input(deployment, input))),
    )
    const known = new Map(await Promise.all([...topics].map(async (topic) => [topic, await ends(topic)] as const)))
    return [...refused, ...stages.flatMap(({ loop }) => loop.status(known))]
  }
  return {
    finished,
    stop,
    status,
    standbys: () => shadows.status(),
    async snapshot(withLag = true) {
      const groups = stages.map(({ deployment: { processor, generation }, loop, rebalances }) => ({
        processor,
        generation,
        stage: loop.spec.name,
        rebalances,
      }))
      return { tasks: await status(withLag), groups, standbys: shadows.status() }
    },
    query: (query) => queryState(stages, roster, query),
    advertise: enrol,
  }
}

/** Tasks follow what the group says: held while it rebalances, kept where the partition comes back, else given up. */
function attach(joined: Joined): void {
  const { member, loop, topics } = joined
  const numbersOf = (partitions: readonly { readonly topic: string; readonly partition: number }[]): Set<number> => {
    const numbers = new Set(partitions.map(({ partition }) => partition))
    const whole = (number: number) =>
      topics.every((topic) => partitions.some((at) => at.topic === topic && at.partition === number))
    return new Set([...numbers].filter(whole))
  }
  member.onRevoked((partitions) => loop.park(new Set(partitions.map(({ partition }) => partition))))
  const follow = async (numbers: ReadonlySet<number>, generation: number): Promise<void> => {
    // Meanwhile the group may have moved on; then another call has the word.
    const isOver = () => member.assignment().generation !== generation
    if (isOver()) return
    await loop.keep(numbers)
    if (isOver()) return
    for (const partition of numbers) {
      loop.start(partition, {
        async confirm(committed) {
          if (!numbersOf(member.assignment().partitions).has(partition))
            throw new KappaError(
              'FENCED',
              `taking over partition ${partition} of ${topics.join(', ')}: it went to another member`,
            )
          await member.report(committed)
        },
      })
    }
  }
  let following = Promise.resolve()
  member.onAssigned((partitions) => {
    joined.rebalances++
    const { generation } = member.assignment()
    const next = () => follow(numbersOf(partitions), generation)
    // One after the other: a task that is being given up cannot begin again before it is gone.
    following = following.then(next, next)
    return following
  })
}
