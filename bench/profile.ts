import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

interface Node {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
}
interface Profile {
  readonly nodes: readonly Node[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Not work of the program: waiting, and what loading modules takes. */
const aside = ({ callFrame: { functionName, url } }: Node): boolean =>
  functionName === '(idle)' || functionName === '(root)' || /modules\/|tsx|esbuild/.test(url)

const placeOf = ({ callFrame: { functionName, url, lineNumber } }: Node): string => {
  const where =
    url === '' ? '' : ` ${url.replace(/^.*\/(engine|bench|schemas|node_modules)\//, '$1/')}:${lineNumber + 1}`
  return `${functionName === '' ? '(anonymous)' : functionName}${where}`
}

/**
 * Where a program's main thread was, by self time: the newest V8 profile (`--cpu-prof`) of a folder, its first `top`
 * places. Time of other threads (librdkafka's, the pool's) is not in it.
 */
export function selfTimes(folder: string, top = 15): string {
  const file = readdirSync(folder)
    // CPU.<date>.<time>.<process>.<thread>.<number>: thread 0 is the main one, the loader of modules has its own.
    .filter((name) => /\.0\.\d+\.cpuprofile$/.test(name))
    .toSorted()
    .at(-1)
  if (file === undefined) return 'no profile was written'
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, basename(file)), 'utf8')) as Profile
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const times = new Map<string, number>()
  let whole = 0
  samples.forEach((id, n) => {
    const node = byId.get(id)
    if (!node || aside(node)) return
    const milliseconds = (timeDeltas[n] ?? 0) / 1_000
    whole += milliseconds
    times.set(placeOf(node), (times.get(placeOf(node)) ?? 0) + milliseconds)
  })
  const lines = [...times]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, top)
    .map(
      ([place, time]) =>
        `  ${((100 * time) / whole).toFixed(1).padStart(5)} %  ${time.toFixed(0).padStart(6)} ms  ${place}`,
    )
  return [`main thread, ${whole.toFixed(0)} ms at work, by self time:`, ...lines].join('\n')
}
