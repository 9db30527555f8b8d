import { KappaError } from '#engine/errors'
import { emptyRecord, live } from './lane-life.ts'
import { type LaneOptions, laneProducerId } from './lane-options.ts'
import type { LaneRecord } from './lane-record.ts'

/**
 * How a live lane is stopped at a recorded place while tables change under it, and goes on as a new generation: what
 * `kappa replay promote` and `rollback` need of a sink. All of it can be repeated after a crash.
 *
 *   running → holdLane(by) → held → moveLane(by, next generation) → the running sink follows
 *                                 ↘ releaseLane(by) → the running sink goes on as before
 *
 * A lane that is held in the log is waited for by every sink process, however often it is restarted: only its holder can
 * let it go.
 */
const TRIES = 5
const unwatched = { found: () => {}, progress: () => {}, reading: () => {} }

/**
 * Fences the running lane, finishes its undone cut and holds it; the state it is held at, whose `positions` are where the
 * topic is split. `options.generation` may be any earlier one: moves are followed. BLOCKED where somebody else holds it.
 */
export async function holdLane(options: LaneOptions, by: string): Promise<LaneRecord> {
  let generation = options.generation
  return again(options, async () => {
    for (;;) {
      const { end, last } = await live(options, generation, new AbortController().signal, unwatched, by)
      if (end === 'held' && last.heldBy === by) return last
      if (end !== 'moved' || last.movedTo === undefined)
        throw new KappaError('BLOCKED', `holding ${options.source} for ${by}: it is ${end} by ${last.heldBy}`)
      generation = last.movedTo
    }
  })
}

/** The held lane ends, and begins again as generation `to` at the same place: one transaction. Generations only rise. */
export async function moveLane(options: LaneOptions, by: string, held: LaneRecord, to: number): Promise<void> {
  const from = held.cut.generation
  if (to <= from)
    throw new KappaError(
      'STATE_MISMATCH',
      `moving ${options.source} from generation ${from} to ${to}: generations only rise`,
    )
  await change(options, by, from, (last) => {
    if (last.state === 'moved' && last.movedTo === to) return []
    expectHeld(last, by, options.source)
    const { topic, lane, sink } = last.cut
    const begun = emptyRecord(
      { sink, topic, lane, generation: to, decidedAt: options.clock.now() },
      { number: 0, positions: last.positions, streamTime: last.streamTime },
    )
    return [
      { ...without(last), state: 'moved', movedTo: to },
      { ...begun, witness: last.witness },
    ]
  })
}

/** The held lane goes on as it was; nothing changes where it was let go before. */
export async function releaseLane(options: LaneOptions, by: string, held: LaneRecord): Promise<void> {
  await change(options, by, held.cut.generation, (last) => {
    if (last.state === 'done' || last.state === 'decided') return []
    expectHeld(last, by, options.source)
    return [{ ...without(last), state: 'done' }]
  })
}

/** Tries again where the running lane took over once more before it learnt that it is held. */
async function again<T>({ clock }: LaneOptions, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (thrown) {
      if (!(thrown instanceof KappaError) || tries >= TRIES) throw thrown
      if (!thrown.retriable && thrown.code !== 'FENCED' && thrown.code !== 'ABORTED') throw thrown
      await clock.sleep(200 * tries)
    }
  }
}

function change(
  options: LaneOptions,
  by: string,
  generation: number,
  next: (last: LaneRecord) => readonly LaneRecord[],
): Promise<void> {
  return again(options, () => changeOnce(options, by, generation, next))
}

async function changeOnce(
  { app, source, lane, broker, log }: LaneOptions,
  by: string,
  generation: number,
  next: (last: LaneRecord) => readonly LaneRecord[],
): Promise<void> {
  const producer = await broker.transactional(laneProducerId(app, log.sink, generation, source, lane))
  try {
    const last = await log.lastOf({ topic: source, lane, generation }, producer)
    if (last === undefined)
      throw new KappaError(
        'STATE_MISMATCH',
        `changing ${source} for ${by}: its lane has no state in generation ${generation}`,
      )
    const records = next(last)
    if (records.length === 0) return
    await producer.begin()
    for (const record of records) await log.send(producer, record)
    await producer.commit()
  } finally {
    await producer.close()
  }
}

function expectHeld(last: LaneRecord, by: string, source: string): void {
  if (last.state === 'held' && last.heldBy === by) return
  throw new KappaError(
    'BLOCKED',
    `changing ${source} for ${by}: its lane is ${last.state}${last.heldBy ? ` by ${last.heldBy}` : ''}`,
  )
}

function without({ heldBy: _, ...record }: LaneRecord): LaneRecord {
  return record
}
