import type { StageSpec } from '#engine/compile'
import type { HotKey } from './hot-keys.ts'

/** Threads that are not tasks' producers: the groups' clients, the admin's, the roster's. */
const OTHER_THREADS = 8

/** Each task's producer blocks a thread while it commits: too few, and commits wait for one another. */
export function threadsText(tasks: number, threads: number | undefined): string | undefined {
  const needed = tasks + OTHER_THREADS
  if (threads === undefined || threads >= needed) return undefined
  return `UV_THREADPOOL_SIZE is ${threads}: ${tasks} tasks may run here, so that commits wait for one another; set it to ${needed} or more`
}

/** The key itself is told only where a contract says that it is not personal. */
export function hotKeyText({ name, view, inputs }: StageSpec, partition: number, { key, share }: HotKey): string {
  const behindRekey = inputs.some(({ role }) => role === 'repartition')
  const plain = behindRekey ? view?.keyBy.every((column) => !view.hidden.has(column)) : view?.plainKeys
  const which = plain ? `the key '${key}'` : 'one key'
  return `${name}[${partition}]: ${which} takes ${Math.round(share * 100)} % of the records; more partitions will not spread it`
}
