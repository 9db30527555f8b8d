import type { KafkaRecord, Position } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Batch, LanePlace } from './batch.ts'
import { recordHash } from './batch.ts'
import { Breaker } from './breaker.ts'
import { type Cut, type RefusedRow, replayOf } from './contract.ts'
import { deadLetter, deadLetterSpec } from './dead-letter.ts'
import { EventTimes } from './event-time.ts'
import { type LaneOptions, laneProducerId } from './lane-options.ts'
import { type LaneRecord, noTotals } from './lane-record.ts'
import { Lease } from './lease.ts'
import { patiently } from './patiently.ts'
import { ReadAhead } from './read-ahead.ts'
import { checkWitness, readBack } from './read-back.ts'
import { addHashes } from './record-hash.ts'

const WRITER = 'kappa-delivery/1'
/** A finished cut is marked with the decision of the next one; where none comes in this time, alone. */
const MARK_WITHIN_MS = 1_000

/** How a life of a lane ended in good order. */
export type LaneEnd =
  | { readonly end: 'stopped' | 'finished'; readonly last: LaneRecord }
  | { readonly end: 'held' | 'moved'; readonly last: LaneRecord }

/** How an owner follows a life. */
export interface LaneWatch {
  /** The lane's state as it was taken over, before the store was asked for anything. */
  found(record: LaneRecord): void
  /** The lane's state, whenever it was written or read. */
  progress(record: LaneRecord): void
  /** Gives a look at where reading stands; undefined while records wait for a cut. */
  reading(at: (partition: number) => number | undefined): void
}

/** A cut that is decided and not yet marked done. */
interface Undone {
  readonly record: LaneRecord
  readonly records: readonly KafkaRecord[]
  readonly again: boolean
}

/**
 * One life of a lane: from taking over to an orderly end. Anything thrown ends it; what was decided stays decided, and the
 * next life begins with step 1.
 *
 * 1 initialise the lane's producer and read its last cut · 2 if undone, read its ranges back; count and hash must match,
 * else the lane stops with the reason · 3 write to the store · 4 one transaction: mark it done and decide the next.
 *
 * @param holdFor finish the undone cut and leave the lane held in this name instead of deciding another
 */
export async function live(
  options: LaneOptions,
  generation: number,
  signal: AbortSignal,
  watch: LaneWatch,
  holdFor?: string,
): Promise<LaneEnd> {
  const { app, source, lane, broker, log, destination, topic, clock, limits, until, budget } = options
  const breaker = options.breaker ?? ownBreaker(options)
  const atStep = options.atStep ?? (() => {})
  const key = { topic: source, lane, generation }

  // 1 initialise the lane's producer and read its last cut
  const takenOver = clock.now()
  const producer = await broker.transactional(laneProducerId(app, log.sink, generation, source, lane))
  const lease = new Lease(producer, clock, takenOver)
  let ahead: ReadAhead | undefined
  const reader = await broker.reader()
  try {
    let last = (await log.lastOf(key, producer)) ?? (await beginning(options, generation))
    await atStep(1)
    if (last.state === 'moved') return { end: 'moved', last }
    if (last.state === 'held' && last.heldBy !== holdFor) return { end: 'held', last }
    watch.found(last)
    await checkWitness(last, broker)
    const prepared = await patiently(
      () => destination.prepare(topic, replayOf(topic, source, generation)),
      breaker,
      options,
      signal,
    )
    if (prepared === 'stopped') return { end: 'stopped', last }
    watch.progress(last)

    // 2 if undone, read its ranges back
    let undone: Undone | undefined
    if (last.state === 'decided')
      undone = { record: last, records: await readBack(last.cut, broker, options.archive), again: true }
    await atStep(2)

    if (holdFor === undefined) {
      await reader.assign(positionsOf(last, source))
      const times = new EventTimes(topic, options.registry)
      const onFull = (batch: Batch) =>
        destination.ahead?.(topic, { topic: source, generation, schemaIds: batch.writtenWith }, batch.ordered)
      const reading = new ReadAhead({ reader, times, limits, clock, topic: source, until, budget, onFull })
      watch.reading((partition) => reading.caughtUpTo(partition))
      ahead = reading
    }

    for (;;) {
      // 3 write to the store
      let refused: readonly RefusedRow[] = []
      if (undone !== undefined) {
        const { record, records, again } = undone
        await atStep(3)
        const confirm = () => lease.confirm(() => log.send(producer, record))
        const write = async (tries: number): Promise<readonly RefusedRow[]> => {
          await confirm()
          return destination.write(topic, record.cut, records, again || tries > 0, confirm)
        }
        const written = await patiently(write, breaker, options, signal)
        if (written === 'stopped') return { end: 'stopped', last }
        refused = written
        ahead?.settled()
        await atStep(3.5)
      }

      // 4 one transaction: mark it done and decide the next
      const deadline = undone === undefined ? Number.POSITIVE_INFINITY : clock.now() + MARK_WITHIN_MS
      const readiness = ahead === undefined ? 'stop' : await ahead.ready(deadline, signal)
      const done = undone === undefined ? undefined : doneRecord(undone.record, refused)
      if (done !== undefined) last = done
      const decided: Undone | undefined =
        readiness === 'batch' && ahead !== undefined ? decide(ahead, last, options, generation) : undefined
      const held: LaneRecord | undefined =
        holdFor === undefined ? undefined : { ...last, state: 'held', heldBy: holdFor }
      const next = decided?.record ?? held ?? done
      if (next !== undefined) {
        if (refused.length > 0) await broker.admin.ensure([deadLetterSpec(topic, source, log.sink)])
        await lease.transact(async () => {
          for (const row of refused) await producer.send(deadLetter(row, log.sink))
          await log.send(producer, next, done)
          await atStep(4)
        })
        last = next
        watch.progress(last)
        await atStep(4.5)
      }
      undone = decided
      if (held !== undefined) return { end: 'held', last }
      if (readiness === 'stop') return { end: 'stopped', last }
      if (readiness === 'end') return { end: 'finished', last }
    }
  } finally {
    await ahead?.close()
    await Promise.allSettled([reader.close(), producer.close()])
  }
}

/** Of a lane without others beside it: what the breaker tells is what the lane tells. */
const ownBreaker = ({ clock, destination, notify }: LaneOptions): Breaker =>
  new Breaker({
    clock,
    threshold: 1,
    onChange: ({ state, reason = '' }) =>
      notify?.(
        state === 'closed'
          ? { kind: 'resumed' }
          : { kind: 'waiting', reason: `${destination.name} does not answer: ${reason}` },
      ),
  })

/** Where a lane stands that never decided a cut: at the first record of each of its partitions. */
export async function beginning(options: LaneOptions, generation: number): Promise<LaneRecord> {
  const { broker, source, lane, lanes, log, clock } = options
  const partitions = (await broker.admin.topics()).get(source)
  if (partitions === undefined)
    throw new KappaError('SERVICE_UNAVAILABLE', `reading ${source}: the topic does not exist yet`, { retriable: true })
  const firsts = await broker.admin.beginnings(source)
  const positions: Record<number, number> = {}
  for (let partition = lane; partition < partitions; partition += lanes) positions[partition] = firsts[partition] ?? 0
  return emptyRecord(
    { sink: log.sink, topic: source, lane, generation, decidedAt: clock.now() },
    { number: 0, positions, streamTime: {} },
  )
}

/** A lane's state without a cut, at a place. */
export function emptyRecord(
  identity: Pick<Cut, 'sink' | 'topic' | 'lane' | 'generation' | 'decidedAt'>,
  { number, positions, streamTime }: LanePlace,
): LaneRecord {
  const cut: Cut = {
    ...identity,
    number,
    ranges: [],
    count: 0,
    minEventTime: null,
    maxEventTime: null,
    streamTimeBefore: streamTime,
    schemaIds: [],
    writerVersion: WRITER,
    sha256: '',
    hashSum: '0',
  }
  return { state: 'done', cut, positions, streamTime, witness: null, refused: 0, totals: noTotals }
}

const positionsOf = ({ positions }: LaneRecord, topic: string): Position[] =>
  Object.entries(positions).map(([partition, offset]) => ({ topic, partition: Number(partition), offset }))

function decide(ahead: ReadAhead, last: LaneRecord, options: LaneOptions, generation: number): Undone {
  const batch = ahead.take()
  const { sink } = options.log
  const decided = batch.decide(
    {
      sink,
      topic: options.source,
      lane: options.lane,
      generation,
      writerVersion: WRITER,
      decidedAt: options.clock.now(),
    },
    { number: last.cut.number, positions: last.positions, streamTime: last.streamTime },
  )
  const record: LaneRecord = {
    ...decided,
    state: 'decided',
    witness: decided.witness ?? last.witness,
    refused: 0,
    totals: last.totals,
  }
  return { record, records: batch.ordered, again: false }
}

function doneRecord(record: LaneRecord, refused: readonly RefusedRow[]): LaneRecord {
  const { cut, totals } = record
  const refusedHashSum = refused.reduce((sum, row) => addHashes(sum, recordHash(row.record)), totals.refusedHashSum)
  return {
    ...record,
    state: 'done',
    refused: refused.length,
    totals: {
      count: totals.count + cut.count,
      hashSum: addHashes(totals.hashSum, cut.hashSum),
      refused: totals.refused + refused.length,
      refusedHashSum,
    },
  }
}
