import { names } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import type { Row } from '#engine/topology'
import { type LedgerOptions, latestRows, recordsOf } from './ledger.ts'
import { fitting, lastMemo } from './memo.ts'
import { identityIn } from './touched.ts'

export interface PostedOptions extends LedgerOptions {
  readonly corrections: AnyTopic
  /** The identity of a row of results, and the start of its window. */
  readonly values: Row
  readonly windowStart: number
}

/** What was posted to correct one row. */
export interface Posted {
  /** As their topic has them, the first first. */
  readonly corrections: readonly Row[]
  /** False while late events may be of the row that no settling has looked at, or that it left waiting. */
  readonly isSettled: boolean
}

/** The corrections of a row, and whether all that is known to be late was settled. Reads the whole topic of corrections. */
export async function postedCorrections(options: PostedOptions): Promise<Posted> {
  const { plan, corrections: topic, values } = options
  const wanted = identityIn(plan.destination, values)
  const isOfRow = (row: Row): boolean => identityIn(plan.destination, row) === wanted
  const rows = await latestRows(options, topic, recordsOf(options, topic.name), isOfRow)
  return {
    corrections: [...rows.values()].sort((a, b) => Number(a.number) - Number(b.number)),
    isSettled: await isSettled(options),
  }
}

async function isSettled({ broker, plan, deployment, windowStart }: PostedOptions): Promise<boolean> {
  const memo = fitting(await lastMemo(broker, plan.name), plan, deployment)
  if (memo === undefined || memo.waiting.includes(windowStart)) return false
  const there = await broker.admin.topics()
  for (let generation = 1; generation <= deployment.generation; generation++) {
    const topic = names.late({ ...deployment, generation })
    if (!there.has(topic)) continue
    const read = memo.late[topic] ?? []
    if ((await broker.admin.committedEnds(topic)).some((end, partition) => end > (read[partition] ?? 0))) return false
  }
  return true
}
