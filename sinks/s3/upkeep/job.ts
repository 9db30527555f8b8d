import type { Clock } from '#engine/time'
import { headKey, headPrefix, indexPrefix, isMerged, rangeOfBronzeKey } from '../layout.ts'
import { type DoneUpTo, fold } from '../ledger/fold.ts'
import { type Head, writeHead } from '../ledger/head.ts'
import { readState } from '../ledger/state.ts'
import type { ObjectStore } from '../object-store.ts'

export interface Offsets {
  readonly partition: number
  readonly first: number
  readonly last: number
}

/** What the jobs over a topic's objects work with. One job at a time works on a topic. */
export interface UpkeepOptions {
  readonly store: ObjectStore
  readonly topic: string
  readonly clock: Clock
  /** Cuts certainly done, by the cut log; undefined for a lane: all but its last. */
  readonly doneUpTo?: DoneUpTo
  /** Throws FENCED where a later job took over; asked right before anything becomes visible or is deleted. */
  readonly fence?: () => Promise<void>
  /** Whether an undone cut or a running replay may still read these offsets: their bronze is left as it is meanwhile. */
  readonly needed?: (range: Offsets) => boolean
  readonly dryRun?: boolean
  /** How long objects stay after nothing names them: longer than any reader takes. */
  readonly graceMs: number
  /** After how long what a killed job left is deleted; no less than the grace. @defaultValue a day */
  readonly leftoversMs?: number
  /**
   * Tells whoever lists silver's files for others, once what is visible has changed and before anything is deleted. The
   * moments of its own changes, milliseconds, oldest first: a file that it named is kept for the grace period from the
   * first change after the file was dropped here.
   */
  readonly onVisible?: () => Promise<readonly number[]>
}

/** What a killed job left and nothing names is deleted after so long: far longer than a job takes. */
const ORPHAN_MS = 24 * 3_600_000

/** The manifests rolled up; nothing is visible or deleted yet. */
export async function begin({ store, topic, clock, doneUpTo = () => undefined, dryRun }: UpkeepOptions): Promise<{
  readonly before: Head
  readonly folded: Head
  /** Where the roll-up is: a dry run keeps it in memory. */
  readonly store: ObjectStore
}> {
  const own = dryRun === true ? unwritten(store) : store
  const state = await readState(own, topic)
  return { before: state.head, folded: await fold(own, state, doneUpTo, clock.now()), store: own }
}

/** The store, with what is written to it kept in memory. */
function unwritten(store: ObjectStore): ObjectStore {
  const written = new Map<string, Buffer>()
  const over: Pick<ObjectStore, 'put' | 'get'> = {
    put: async (key, body) => {
      written.set(key, Buffer.from(body))
    },
    get: async (key) => written.get(key) ?? store.get(key),
  }
  return Object.assign(Object.create(store) as ObjectStore, over)
}

/** Makes `next` visible where it differs from what was, and deletes what no reader needs any more. The objects deleted. */
export async function conclude(options: UpkeepOptions, before: Head, next: Head): Promise<number> {
  const { store, clock, fence, graceMs, onVisible, needed } = options
  let head = before
  if (next !== before) head = await publish(options, before, next)
  const changes = (await onVisible?.()) ?? []
  const due = head.dropped.flatMap(({ object, since }) => {
    const range = rangeOfBronzeKey(object)
    const read = range !== undefined && needed?.(range) === true
    const released = changes.find((at) => at >= since) ?? since
    return released + graceMs <= clock.now() && !read ? [object] : []
  })
  const orphans = await leftovers(options, head)
  if (due.length + orphans.length === 0) return 0
  await fence?.()
  await store.delete([...due, ...orphans])
  const gone = new Set(due)
  if (gone.size > 0)
    await publish(options, head, { ...head, dropped: head.dropped.filter(({ object }) => !gone.has(object)) })
  return gone.size + orphans.length
}

async function publish({ store, fence }: UpkeepOptions, before: Head, next: Head): Promise<Head> {
  const named = new Set([...next.parts, ...next.silver].map(({ object }) => object))
  const head: Head = {
    ...next,
    number: before.number + 1,
    dropped: next.dropped.filter(({ object }) => !named.has(object)),
  }
  await fence?.()
  await writeHead(store, head)
  return head
}

/** Earlier heads that no reader holds any more; merged files and parts that a killed job left. Never a file of a cut. */
async function leftovers(
  { store, topic, clock, graceMs, leftoversMs = ORPHAN_MS }: UpkeepOptions,
  head: Head,
): Promise<string[]> {
  const named = new Set([...head.parts, ...head.silver, ...head.dropped].map(({ object }) => object))
  const current = headKey(topic, head.number)
  const before = clock.now() - graceMs
  const long = clock.now() - Math.max(graceMs, leftoversMs)
  const listed = [...(await store.list(`silver/${topic}/`)), ...(await store.list(indexPrefix(topic)))]
  return listed
    .filter(({ key, modified }) => {
      if (key.startsWith(headPrefix(topic))) return key < current && modified <= before
      return modified <= long && !named.has(key) && (isMerged(key) || key.startsWith(indexPrefix(topic)))
    })
    .map(({ key }) => key)
}
