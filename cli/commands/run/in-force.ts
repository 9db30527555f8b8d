import { KappaError } from '#engine/errors'
import { inForceOf } from '#engine/replay'
import type { Deployment, Worker } from '#engine/runtime'
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
  readonly tell: (level: 'info' | 'error', text: string) => void
}

/**
 * Runs processors until the signal, each as the generation that is in force. When another one comes into force the worker
 * ends in good order and begins again with it. Throws STATE_MISMATCH where nothing runs any more and nobody asked for that.
 */
export async function runInForce({ platform, processors, signal, start, tell }: RunOptions): Promise<void> {
  const standing = new Standing(platform)
  const asked = new Promise<'asked'>((resolve) => {
    if (signal.aborted) resolve('asked')
    signal.addEventListener('abort', () => resolve('asked'), { once: true })
  })
  let before: ReadonlyMap<string, number> | undefined
  while (!signal.aborted) {
    const { deployments, generations, refused } = await wanted(platform, processors, standing, before)
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
    const now = await standing.records()
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
): Promise<Wanted> {
  const records = await standing.records()
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
