import { type Broker, type KafkaRecord, placeOf, type Reader, type TopicPartition } from '#engine/broker'
import type { Stage, StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import type { Shadows } from '../changelog/shadows.ts'
import { type Deployment, names } from '../deployment.ts'
import type { AtStep } from '../faults.ts'
import type { TaskSettings } from '../settings.ts'
import type { Completions } from '../task/imports.ts'
import type { InputBuffer } from '../task/input-buffer.ts'
import { Skew, type SkewOptions } from '../task/skew.ts'
import { type Bound, contextOf } from '../task/take-over.ts'
import type { Task } from '../task/task.ts'
import type { Recorded } from '../task/time-records.ts'
import type { HotKey } from '../telemetry/hot-keys.ts'
import type { InputStatus, TaskStatus } from '../telemetry/status.ts'
import { SplitReader } from './broadcasts.ts'
import { grouped } from './grouped.ts'
import { Slot, type SlotOptions } from './slot.ts'

const READ_MAX = 10_000
const READ_WAIT_MS = 100
/** How often it is looked whether a task that is being taken over is there. */
const LOOK_MS = 5

export interface StageLoopOptions {
  readonly deployment: Deployment
  readonly spec: StageSpec
  readonly partitions: number
  readonly broker: Broker
  readonly reader: Reader
  /** Opens another reader, for a task's inputs that are read whole; the broker's where absent. */
  readonly ownReader?: () => Promise<Reader>
  readonly clock: Clock
  readonly settings: TaskSettings
  ends(topic: string): Promise<readonly number[]>
  report: SlotOptions['report']
  readonly completions: Completions | undefined
  readonly atStep: AtStep | undefined
  readonly onFenced: SlotOptions['onFenced']
  /** What sources told the next stage in this process, and what the group was told; absent in a bounded run. */
  readonly told?: Pick<SkewOptions, 'watermarks' | 'positions'> | undefined
  /** States that outlive their tasks in this process; absent in a bounded run. */
  readonly shadows?: Shadows | undefined
  onChange(): void
  onHotKey?(partition: number, hot: HotKey): void
}

/** The tasks of one stage in this process, fed by one reader. */
export class StageLoop {
  readonly #options: StageLoopOptions
  readonly #slots = new Map<number, Slot>()
  /** Topics that every task reads whole, each with a reader of its own. */
  readonly #whole: ReadonlySet<string>
  readonly #readers = new Map<Slot, SplitReader>()
  readonly #paused = new Set<string>()
  readonly #skew: Skew | undefined
  #stopping = false
  #stopped = false
  #reading: Promise<void> | undefined

  constructor(options: StageLoopOptions) {
    this.#options = options
    this.#whole = new Set(options.spec.inputs.flatMap(({ role, topic }) => (role === 'broadcast' ? [topic] : [])))
    const { deployment, spec, partitions, settings, ends, told } = options
    const elsewhere = told ?? { watermarks: () => undefined, positions: async () => [] }
    const topics = spec.inputs.flatMap((input) => (input.role === 'stream' ? [names.input(deployment, input)] : []))
    const own = { partitions, topics, maxSkewMs: settings.maxSkewMs, slots: () => this.slots }
    this.#skew = spec.next === undefined ? undefined : new Skew({ ...own, ...elsewhere, ends: (topic) => ends(topic) })
  }

  get spec(): StageSpec {
    return this.#options.spec
  }

  get slots(): readonly Slot[] {
    return [...this.#slots.values()]
  }

  /** Begins a task, unless it is here already; then it goes on. */
  start(
    partition: number,
    own: {
      confirm: SlotOptions['confirm']
      readonly bounds?: readonly Bound[]
      readonly recorded?: readonly Recorded[]
    },
  ): void {
    // An assignment that comes while the loop is being stopped is somebody else's by the time it is heard.
    if (this.#stopping) return
    this.#reading ??= this.#read(this.#options.reader, () => this.#stopped)
    const known = this.#slots.get(partition)
    if (known && known.state !== 'closed') {
      known.unpark()
      return
    }
    const { broker, clock, deployment, spec } = this.#options
    const held = spec.inputs.map((input) => ({
      topic: names.input(deployment, input),
      partition: input.partition ?? partition,
    }))
    const reader: SplitReader = new SplitReader(this.#options.reader, this.#whole, {
      open: () => this.#options.ownReader?.() ?? broker.reader(),
      opened: async (own) => {
        // What is read before the task is there would be dealt to nobody.
        while (!slot.task && reader.own === own) await clock.sleep(LOOK_MS)
        await this.#read(own, () => reader.own !== own)
      },
    })
    const slot: Slot = new Slot({
      ...this.#options,
      reader,
      partition,
      skew: this.#skew,
      bounds: own.bounds,
      recorded: own.recorded ?? [],
      confirm: own.confirm,
      memory: () => this.#options.shadows?.take(this.changelogOf(partition)),
      release: async () => {
        for (const at of held) this.#paused.delete(pausedAt(partition, at))
        await reader.unassign(held)
        await reader.close()
      },
    })
    this.#slots.set(partition, slot)
    this.#readers.set(slot, reader)
    void slot.ended.then(async () => {
      this.#readers.delete(slot)
      await reader.close()
    })
  }

  /** Commits and holds the tasks; they keep their state, in case the partitions come back. */
  async park(partitions: ReadonlySet<number>): Promise<void> {
    await Promise.all(this.slots.filter((slot) => partitions.has(slot.partition)).map((slot) => slot.park()))
  }

  /** Gives up every task but these. */
  async keep(partitions: ReadonlySet<number>): Promise<void> {
    const given = this.slots.filter((slot) => !partitions.has(slot.partition))
    await Promise.all(given.map((slot) => slot.close()))
    for (const slot of given) {
      this.#slots.delete(slot.partition)
      const memory = slot.takeMemory()
      if (memory) this.#options.shadows?.keep(this.changelogOf(slot.partition), this.opener(slot.partition), memory)
    }
  }

  /** Behind a re-key: the latest that any task here was told by each source partition. */
  sourceTimes(): readonly number[] | undefined {
    const told = this.slots.flatMap(({ task }) => (task?.stage.sourceTimes ? [task.stage.sourceTimes] : []))
    if (told.length === 0) return undefined
    return Array.from({ length: this.#options.partitions }, (_, source) =>
      Math.max(...told.map((times) => times[source] ?? Number.NEGATIVE_INFINITY)),
    )
  }

  changelogOf(partition: number): TopicPartition {
    const { deployment, spec } = this.#options
    return { topic: names.changelog(deployment, spec.name), partition }
  }

  /** Opens the stage of a partition with nothing in it. */
  opener(partition: number): () => Stage {
    const { deployment, spec, partitions } = this.#options
    return () => spec.open(contextOf({ deployment, spec, partition, partitions }))
  }

  /** Finishes running slices, commits, gives up all tasks, stops reading; the reader stays its owner's. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.slots.map((slot) => slot.close()))
    this.#stopped = true
    await this.#reading
  }

  status(ends?: ReadonlyMap<string, readonly number[]>): TaskStatus[] {
    const { deployment, spec } = this.#options
    return this.slots.map((slot) => {
      const { task, counters } = slot
      const streamTime = task?.stage.streamTime
      return {
        processor: deployment.processor,
        generation: deployment.generation,
        stage: spec.name,
        partition: slot.partition,
        state: slot.state,
        reason: slot.reason,
        inputs: (task?.inputs ?? []).map((input) =>
          this.#inputStatus(input, ends?.get(input.topic)?.[input.partition]),
        ),
        streamTime: streamTime !== undefined && Number.isFinite(streamTime) ? streamTime : undefined,
        waitingFor: task?.waitingFor ?? [],
        taken: counters.taken + (task?.counts.taken ?? 0),
        late: counters.late + (task?.counts.late ?? 0),
        deadLettered: counters.deadLettered + (task?.counts.deadLettered ?? 0),
        duplicates: counters.duplicates + (task?.counts.duplicates ?? 0),
        throwing: task?.throwing ?? 0,
        ahead: task?.ahead ?? false,
        stateEntries: task?.stage.stateEntries ?? 0,
        commits: counters.commits,
        lastCommitMs: task?.lastCommitMs ?? 0,
        takeOvers: counters.takeOvers,
        failures: counters.failures,
        commitTimes: slot.commitTimes.view(),
        changelogBytes: task?.changelogBytes ?? 0,
        hotKey: slot.hotKeys.hot,
        restore: slot.restore,
      }
    })
  }

  #inputStatus({ topic, partition, position, writtenAt, length }: InputBuffer, end: number | undefined): InputStatus {
    const lag = end === undefined ? undefined : Math.max(0, end - position)
    const since = writtenAt === undefined ? undefined : Math.max(0, this.#options.clock.now() - writtenAt)
    const of = this.#whole.has(topic) ? { partition } : {}
    return {
      topic,
      ...of,
      position,
      buffered: length,
      lag,
      lagMs: lag === undefined ? undefined : lag === 0 ? 0 : since,
    }
  }

  async #read(reader: Reader, over: () => boolean): Promise<void> {
    const { clock } = this.#options
    while (!over()) {
      try {
        this.#deal(await reader.read(READ_MAX, READ_WAIT_MS), reader)
      } catch (thrown) {
        if (over()) return
        const lost = thrown instanceof KappaError && thrown.code === 'POSITION_LOST'
        if (lost && this.#options.onFenced === 'retake') await this.#judgeLost()
        else if (!(thrown instanceof KappaError && thrown.retriable)) await this.#stopAll(thrown)
        await clock.sleep(250)
      }
    }
  }

  /** Hands records to their tasks, tells where the reader stands now, and pauses what is too far ahead. */
  #deal(records: readonly KafkaRecord[], reader: Reader): void {
    const byPlace = grouped(records)
    for (const slot of this.#slots.values()) {
      const { task } = slot
      const own = this.#readers.get(slot)?.own
      if (!task) continue
      for (const [index, input] of task.inputs.entries()) {
        if (reader !== (this.#whole.has(input.topic) ? own : this.#options.reader)) continue
        const place = placeOf(input)
        const offered = byPlace.get(place) ?? []
        try {
          task.offer(index, offered, reader.position(input))
        } catch (thrown) {
          void slot.stop(thrown)
          break
        }
        this.#balance(task.appetite(index), reader, pausedAt(slot.partition, input), input)
        if (offered.length > 0) slot.wake()
      }
    }
  }

  #balance(appetite: ReturnType<Task['appetite']>, reader: Reader, place: string, at: TopicPartition): void {
    const paused = this.#paused.has(place)
    if (!paused && appetite === 'full') {
      reader.pause([at])
      this.#paused.add(place)
    } else if (paused && appetite === 'hungry') {
      reader.resume([at])
      this.#paused.delete(place)
    }
  }

  /**
   * Tasks whose position has left the log are taken over anew, the others read on. It may be that a newer owner has
   * truncated what it took: then the group does not confirm this one. Where it does, the take-over says what is lost.
   */
  async #judgeLost(): Promise<void> {
    const { broker } = this.#options
    for (const slot of this.slots) {
      for (const { topic, partition, fetched } of slot.task?.inputs ?? []) {
        const beginning = (await broker.admin.beginnings(topic))[partition] ?? 0
        const end = (await broker.admin.committedEnds(topic))[partition] ?? 0
        if (fetched >= beginning && fetched <= end) continue
        const where = `reading ${placeOf({ topic, partition })}@${fetched}: the log holds ${beginning} to ${end}`
        slot.fail(new KappaError('FENCED', where))
        break
      }
    }
  }

  async #stopAll(error: unknown): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.stop(error)))
  }
}

/** Names an input of a task. */
const pausedAt = (task: number, at: TopicPartition): string => `${task} ${placeOf(at)}`
