import { AsyncResource } from 'node:async_hooks'
import { type OutgoingRecord, type Position, partitionOf, type TopicPartition, type TopicSpec } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import { type FakeTransaction, PartitionLog } from './partition-log.ts'

/** Who owns a transactional id: every initialisation raises the epoch, and older epochs are fenced. */
interface Owner {
  epoch: number
  open: Open | undefined
  /** Committed, and without its markers yet. */
  ending: Open | undefined
}

interface Open {
  readonly transaction: FakeTransaction
  readonly written: Set<PartitionLog>
  /** Aborts the transaction when its time is up. */
  readonly limit: NodeJS.Timeout | undefined
}

const MARKERS_AFTER_MS = 20

/** What is shared by all clients of a fake broker: topics, transactional ids, group positions. */
export class FakeCluster {
  readonly #own = new AsyncResource('FakeCluster')
  readonly clock: Clock
  readonly topics = new Map<string, PartitionLog[]>()
  readonly groupPositions = new Map<string, Map<string, number[]>>()
  readonly #owners = new Map<string, Owner>()
  readonly #listeners = new Set<() => void>()
  readonly #lateMarkers: boolean
  #next = 0

  constructor(clock: Clock, lateMarkers = false) {
    this.clock = clock
    this.#lateMarkers = lateMarkers
  }

  create(spec: TopicSpec): void {
    const logs = this.topics.get(spec.name)
    if (!logs)
      this.topics.set(
        spec.name,
        Array.from({ length: spec.partitions }, (_, partition) => new PartitionLog(spec.name, partition)),
      )
    else if (logs.length !== spec.partitions)
      throw new KappaError(
        'STATE_MISMATCH',
        `creating ${spec.name}: it has ${logs.length} partitions, ${spec.partitions} are wanted`,
      )
  }

  logsOf(topic: string): PartitionLog[] {
    const logs = this.topics.get(topic)
    if (!logs) throw new KappaError('BROKER', `asking about ${topic}: there is no such topic`)
    return logs
  }

  logOf(at: TopicPartition): PartitionLog {
    const log = this.logsOf(at.topic)[at.partition]
    if (!log) throw new KappaError('BROKER', `asking about ${at.topic}[${at.partition}]: there is no such partition`)
    return log
  }

  /** The partition a record goes to: its own, its key's, or the next in turn. */
  place(record: OutgoingRecord): PartitionLog {
    const count = this.logsOf(record.topic).length
    const partition = record.partition ?? (record.key ? partitionOf(record.key, count) : this.#next++ % count)
    return this.logOf({ topic: record.topic, partition })
  }

  /** Fences earlier owners of the id, aborts what they left open; the new epoch. */
  initialise(id: string): number {
    const owner = this.#owners.get(id) ?? { epoch: -1, open: undefined, ending: undefined }
    this.#owners.set(id, owner)
    this.#mark(owner)
    if (owner.open) this.#finish(owner, 'aborted')
    return ++owner.epoch
  }

  /** @param timeoutMs after so long the transaction is aborted and its owner fenced; undefined: never */
  begin(id: string, epoch: number, timeoutMs?: number): void {
    const owner = this.#ownerOf(id, epoch)
    this.#mark(owner)
    const limit = timeoutMs === undefined ? undefined : this.#later(() => this.#expire(owner), timeoutMs)
    owner.open = { transaction: { state: 'open' }, written: new Set(), limit }
  }

  /** Aborts every open transaction and fences its owner, as the coordinator does when their time is up. */
  expireAll(): number {
    const open = [...this.#owners.values()].filter((owner) => owner.open)
    for (const owner of open) this.#expire(owner)
    return open.length
  }

  write(id: string, epoch: number, record: OutgoingRecord): void {
    const { open } = this.#ownerOf(id, epoch)
    if (!open) throw new KappaError('ABORTED', `sending in a transaction of ${id} that is not open`)
    const log = this.place(record)
    open.written.add(log)
    log.append(record, this.clock.now(), open.transaction)
  }

  end(id: string, epoch: number, how: 'committed' | 'aborted'): void {
    const owner = this.#ownerOf(id, epoch)
    if (this.#lateMarkers && how === 'committed') {
      clearTimeout(owner.open?.limit)
      owner.ending = owner.open
      owner.open = undefined
      this.#later(() => this.#mark(owner), MARKERS_AFTER_MS)
    } else this.#finish(owner, how)
  }

  /** Itself, once the markers of every commit are written. */
  settled(): this {
    for (const owner of this.#owners.values()) this.#mark(owner)
    return this
  }

  wake(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Resolves at the next write that became visible, or after `waitMs`. */
  news(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#listeners.delete(done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      this.#listeners.add(done)
    })
  }

  report(group: string, positions: readonly Position[]): void {
    const ofGroup = this.groupPositions.get(group) ?? new Map<string, number[]>()
    this.groupPositions.set(group, ofGroup)
    for (const { topic, partition, offset } of positions) {
      const offsets = ofGroup.get(topic) ?? new Array<number>(this.logsOf(topic).length).fill(-1)
      ofGroup.set(topic, offsets)
      offsets[partition] = offset
    }
  }

  /** The broker's own time: it passes whatever became of the process that asked (a simulated one may be dead by then). */
  #later(act: () => void, milliseconds: number): NodeJS.Timeout {
    return this.#own.runInAsyncScope(() => setTimeout(act, milliseconds))
  }

  #ownerOf(id: string, epoch: number): Owner {
    const owner = this.#owners.get(id)
    if (!owner || owner.epoch !== epoch) throw new KappaError('FENCED', `using ${id}: a newer owner has it`)
    return owner
  }

  #expire(owner: Owner): void {
    this.#finish(owner, 'aborted')
    owner.epoch++
  }

  #finish(owner: Owner, how: 'committed' | 'aborted'): void {
    if (owner.open) this.#end(owner.open, how)
    owner.open = undefined
  }

  #mark(owner: Owner): void {
    if (owner.ending) this.#end(owner.ending, 'committed')
    owner.ending = undefined
  }

  #end({ transaction, written, limit }: Open, how: 'committed' | 'aborted'): void {
    clearTimeout(limit)
    transaction.state = how
    for (const log of written) log.appendMarker()
    this.wake()
  }
}
