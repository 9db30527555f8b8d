import { KappaError } from '#engine/errors'
import { type GenerationRecord, inForceOf } from '#engine/replay'
import { type Deployment, defaultSettings, type Patience, patiently, type Worker } from '#engine/runtime'
import { systemClock } from '#engine/time'
import { deploymentInForce } from '../../deployments.ts'
import type { Platform } from '../../platform.ts'
import type { Processor } from '../../processors.ts'
import { Standing } from '../../standing.ts'

/** A worker and what stands beside it. */
export interface Running {
  readonly worker: Pick<Worker, 'finished'>
  close(): Promise<void>
}

export interface RunOptions {
  readonly platform: Platform
  readonly processors: readonly Processor[]
  readonly signal: AbortSignal
  /** Starts a worker: again after every switch of a generation. */
  readonly start: (deployments: readonly Deployment[]) => Promise<Running>
  readonly tell: (level: 'info' | 'warn' | 'error', text: string) => void
  /** For how long Kafka is waited for before a worker starts. @defaultValue a minute */
  readonly patienceMs?: number
}

/**
 * Runs processors until the signal, each as the generation that is in force. When another one comes into force the worker
 * ends in good order and begins again with it. Throws STATE_MISMATCH where nothing runs any more and nobody asked for that,
 * SERVICE_UNAVAILABLE where Kafka stayed away.
 */
export async function runInForce(options: RunOptions): Promise<void> {
  try {
    await run(options)
  } catch (thrown) {
    if (options.signal.aborted && thrown instanceof KappaError && thrown.code === 'INTERRUPTED') return
    throw thrown
  }
}

async function run({ platform, processors, signal, start, tell, patienceMs }: RunOptions): Promise<void> {
  const standing = new Standing(platform)
  const patience: Patience = {
    clock: systemClock,
    patienceMs: patienceMs ?? defaultSettings.brokerPatienceMs,
    onWaiting: (text) => tell('warn', text),
    signal,
  }
  const decided = () => patiently(() => standing.records(), patience)
  const asked = new Promise<'asked'>((resolve) => {
    if (signal.aborted) resolve('asked')
    signal.addEventListener('abort', () => resolve('asked'), { once: true })
  })
  let before: ReadonlyMap<string, number> | undefined
  while (!signal.aborted) {
    const { deployments, generations, refused } = await wanted(platform, processors, standing, before, await decided())
    for (const reason of refused) tell('error', reason)
    if (deployments.length === 0) throw new KappaError('STATE_MISMATCH', refused.join('; '))
    const running = await start(deployments)
    const watching = new AbortController()
    const ended = await Promise.race([
      asked,
      running.worker.finished.then(() => 'stopped' as const),
      standing.changed(generations, watching.signal),
    ])
    watching.abort()
    await running.close()
    if (ended === 'asked') return
    const now = await decided()
    const switched = [...generations].filter(([name, generation]) => inForceOf(now, name).generation !== generation)
    if (switched.length === 0)
      throw new KappaError('STATE_MISMATCH', 'running processors: every task is stopped; the log above says why')
    for (const [name, generation] of switched)
      tell('info', `${name}: v${inForceOf(now, name).generation} is in force now, in place of v${generation}`)
    before = generations
  }
}

interface Wanted {
  readonly deployments: readonly Deployment[]
  /** Generations in force, by processor. */
  readonly generations: ReadonlyMap<string, number>
  /** Why a processor is not among the deployments. */
  readonly refused: readonly string[]
}

/** @param before what ran until now: a generation that came into force meanwhile is run only by the code that made it */
async function wanted(
  platform: Platform,
  processors: readonly Processor[],
  standing: Standing,
  before: ReadonlyMap<string, number> | undefined,
  records: readonly GenerationRecord[],
): Promise<Wanted> {
  const deployments: Deployment[] = []
  const generations = new Map<string, number>()
  const refused: string[] = []
  for (const processor of processors) {
    const { name, version } = processor.plan
    const { generation, started } = inForceOf(records, name)
    generations.set(name, generation)
    const isNew = before !== undefined && before.get(name) !== generation
    if (isNew && started !== undefined && started.version !== version)
      refused.push(
        `running ${name}: v${generation} is in force now, made by another version of the code; deploy that one`,
      )
    else deployments.push(await deploymentInForce(processor, platform, standing, started))
  }
  return { deployments, generations, refused }
}
