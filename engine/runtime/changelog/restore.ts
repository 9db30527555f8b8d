import type { Broker, TopicPartition } from '#engine/broker'
import type { Stage } from '#engine/compile'
import { type Known, Restorer } from './changelog.ts'
import { readRange } from './read-all.ts'

export interface RestoreOptions {
  readonly broker: Broker
  readonly changelog: TopicPartition
  /** A stage with nothing in it, to be restored from the changelog's beginning. */
  empty(): Restorer<Stage>
  /** What this process knows of the state already, if it does; handed out once, because it is changed here. */
  memory?: (() => Restorer<Stage> | undefined) | undefined
  readonly onRestore?: ((progress: RestoreProgress) => void) | undefined
}

/** Offsets of the changelog: where reading began, how far it came, and where it ends. */
export interface RestoreProgress {
  readonly from: number
  readonly next: number
  readonly end: number
  /** True where a state that was known is brought up to date. */
  readonly warm: boolean
}

/**
 * A state as of the changelog's read-committed end, and that end. What is known is used only where the changelog still
 * holds the very commit that it ends with, and then the rest is read; else everything is, as if nothing were known.
 */
export async function restoredTo(
  options: RestoreOptions,
): Promise<{ readonly restorer: Restorer<Stage>; readonly end: number; readonly warm: boolean }> {
  const { broker, changelog, onRestore } = options
  const { topic, partition } = changelog
  const [beginnings, ends] = await Promise.all([broker.admin.beginnings(topic), broker.admin.committedEnds(topic)])
  const beginning = beginnings[partition] ?? 0
  const end = ends[partition] ?? 0
  const known = options.memory?.()
  if (known) {
    let same = false
    try {
      same = await goesOn(options, known, beginning, end)
    } finally {
      if (!same) known.stage.disk?.close()
    }
    if (same) return { restorer: known, end, warm: true }
  }
  const restorer = options.empty()
  const tell = (next: number) => onRestore?.({ from: beginning, next, end, warm: false })
  tell(beginning)
  try {
    await readRange(broker, changelog, beginning, end, (record) => restorer.take(record), tell)
  } catch (thrown) {
    restorer.stage.disk?.close()
    throw thrown
  }
  return { restorer, end, warm: false }
}

/** What a disk holds, and of which commit it is. */
export const diskMark = (known: Omit<Known<Stage>, 'stage'>): Buffer => Buffer.from(JSON.stringify(known))

/** What this machine's disk holds of a task's state, if it holds any. */
export function fromDisk(open: () => Stage): Restorer<Stage> | undefined {
  const stage = open()
  const mark = stage.disk?.resume()
  if (mark) return new Restorer(open, { ...(JSON.parse(mark.toString()) as Omit<Known<Stage>, 'stage'>), stage })
  stage.disk?.close()
  return undefined
}

/** Reads from the last commit that is known on. False where that commit is not there: then what is known is worthless. */
async function goesOn(
  { broker, changelog, onRestore }: RestoreOptions,
  known: Restorer<Stage>,
  beginning: number,
  end: number,
): Promise<boolean> {
  const { next, last } = known.place
  if (!last || last.offset < beginning || next > end) return false
  let same = false
  const tell = (at: number) => onRestore?.({ from: last.offset, next: at, end, warm: true })
  tell(last.offset)
  await readRange(
    broker,
    changelog,
    last.offset,
    end,
    (record) => {
      if (record.offset === last.offset) same = known.isLast(record)
      else if (same && record.offset >= next) known.take(record)
    },
    tell,
  )
  return same
}
