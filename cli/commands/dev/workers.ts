import { fileURLToPath } from 'node:url'
import { systemClock } from '#engine/time'
import { end, launch, livingProcess, logFile } from '../../../deploy/local/index.ts'

const entry = fileURLToPath(new URL('../../kappa.mjs', import.meta.url))

/** One of Kappa's own processes beside the services. */
export interface WorkerSpec {
  readonly name: string
  /** Arguments of `kappa`. */
  readonly args: readonly string[]
  /** True for a worker that is done when it ends with 0: an import. */
  readonly bounded: boolean
}

export interface Workers {
  /** Names of bounded workers that ended well. */
  readonly finished: ReadonlySet<string>
  stop(): Promise<void>
}

/** Batches live longer than V8 expects of young objects; with this they die young again (bench/sink.ts). */
const NURSERY = '--max-semi-space-size=64'
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 10_000
/** Time for the last commit before a worker is killed. */
const STOP_WITHIN_MS = 20_000

/**
 * Starts every worker as a process of its own, and again whenever one ends unasked: exactly-once makes that safe. Workers
 * are recorded in the data folder, so `kappa down` finds them even after this process was killed; such a leftover is ended
 * first, because the new one would only fence it.
 */
export async function startWorkers(
  dataFolder: string,
  specs: readonly WorkerSpec[],
  tell: (line: string) => void,
): Promise<Workers> {
  const finished = new Set<string>()
  const stopping = new AbortController()

  const start = async (spec: WorkerSpec, pause: number): Promise<void> => {
    if (livingProcess(dataFolder, spec.name) !== undefined) await end(dataFolder, spec.name, STOP_WITHIN_MS)
    if (stopping.signal.aborted) return
    const began = systemClock.now()
    await launch(dataFolder, spec.name, process.execPath, [NURSERY, entry, ...spec.args], async (code, signal) => {
      if (stopping.signal.aborted) return
      if (spec.bounded && code === 0) {
        finished.add(spec.name)
        return
      }
      tell(
        `  ${spec.name} ended (${signal ?? `exit ${code}`}), starting it again; its log: ${logFile(dataFolder, spec.name)}`,
      )
      const next = systemClock.now() - began > 30_000 ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS)
      await systemClock.sleep(pause, stopping.signal)
      await start(spec, next)
    })
  }

  for (const spec of specs) await start(spec, FIRST_PAUSE_MS)
  return {
    finished,
    async stop() {
      stopping.abort()
      await Promise.all(specs.map((spec) => end(dataFolder, spec.name, STOP_WITHIN_MS)))
    },
  }
}
