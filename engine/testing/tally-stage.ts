import type { KafkaRecord } from '#engine/broker'
import type { Advance, OutputRecord, Stage, StageInput, StageSpec, TaskContext } from '#engine/compile'

/** A small stage written by hand: counts events per key and window. Tests of the runtime use it where a plan would hide things. */
export interface Tally {
  readonly name: string
  readonly source: string
  readonly result: string
  readonly sizeMs: number
  readonly graceMs: number
  readonly idleAfterMs?: number
  /** Partial counts go to a second stage, keyed by the key's first letter. */
  readonly rekey?: boolean
}

export interface TallyEvent {
  readonly key: string
  readonly at: number
  readonly count: number
}

interface State {
  streamTime: number
  last: { eventTime: number; writtenAt: number } | undefined
  /** `key|start` → count. */
  readonly windows: Map<string, number>
  /** Second stage: per source partition, the time it has reached. */
  readonly sources: Map<number, number>
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** The event as a record of the source topic. */
export const tallyRecord = (topic: string, { key, at, count }: TallyEvent) => ({
  topic,
  key: Buffer.from(key),
  value: json({ at, count }),
})

export function tallyStages(tally: Tally): StageSpec[] {
  const source = `${tally.name}.source`
  const merge = `${tally.name}.merge`
  const input: StageInput = { topic: tally.source, role: 'stream', idleAfterMs: tally.idleAfterMs }
  const first: StageSpec = {
    name: source,
    inputs: [input],
    next: tally.rekey ? merge : undefined,
    open: (task) => new TallyStage(tally, task, 'source'),
  }
  const second: StageSpec = {
    name: merge,
    inputs: [{ topic: merge, role: 'repartition', idleAfterMs: undefined }],
    next: undefined,
    open: (task) => new TallyStage(tally, task, 'merge'),
  }
  return tally.rekey ? [first, second] : [first]
}

class TallyStage implements Stage {
  readonly counts = { taken: 0, late: 0, deadLettered: 0 }
  readonly #tally: Tally
  readonly #task: TaskContext
  readonly #part: 'source' | 'merge'
  readonly #state: State = {
    streamTime: Number.NEGATIVE_INFINITY,
    last: undefined,
    windows: new Map(),
    sources: new Map(),
  }
  readonly #dirty = new Set<string>()
  #changed = false
  #outputs: OutputRecord[] = []
  /** First stage before a re-key: counts not shipped yet. */
  #partials = new Map<string, number>()

  constructor(tally: Tally, task: TaskContext, part: 'source' | 'merge') {
    this.#tally = tally
    this.#task = task
    this.#part = part
  }

  get streamTime(): number {
    return this.#state.streamTime
  }

  get stateEntries(): number {
    return this.#state.windows.size
  }

  get sourceTimes(): readonly number[] {
    const { sources } = this.#state
    if (this.#part === 'source') return []
    return Array.from({ length: this.#task.partitions }, (_, source) => sources.get(source) ?? Number.NEGATIVE_INFINITY)
  }

  lastEvent(): State['last'] {
    return this.#state.last
  }

  async prepare(): Promise<void> {}

  cut(buffers: readonly (readonly KafkaRecord[])[]): readonly number[] {
    return buffers.map((records) => records.length)
  }

  accept([records = []]: readonly (readonly KafkaRecord[])[]): void {
    for (const record of records) {
      this.#changed = true
      this.counts.taken++
      if (this.#part === 'merge') this.#merge(record)
      else this.#take(record)
    }
  }

  advance({ time, reason }: Advance): void {
    this.#changed = true
    this.#reach(reason === 'import' ? time + this.#tally.sizeMs + this.#tally.graceMs : time)
  }

  drain(): OutputRecord[] {
    if (this.#tally.rekey && this.#part === 'source') this.#ship()
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  takeDelta(): Buffer | undefined {
    if (!this.#changed) return undefined
    const windows = [...this.#dirty].map((window) => [window, this.#state.windows.get(window) ?? null])
    this.#dirty.clear()
    this.#changed = false
    return json({ ...this.#header(), windows })
  }

  *snapshot(): Iterable<Buffer> {
    yield json({ ...this.#header(), windows: [] })
    for (const entry of this.#state.windows) yield json({ ...this.#header(), windows: [entry] })
  }

  restore(block: Buffer): void {
    const { streamTime, last, windows, sources } = JSON.parse(block.toString())
    this.#state.streamTime = streamTime ?? Number.NEGATIVE_INFINITY
    this.#state.last = last
    for (const [source, time] of sources) this.#state.sources.set(source, time)
    for (const [window, count] of windows) {
      if (count === null) this.#state.windows.delete(window)
      else this.#state.windows.set(window, count)
    }
  }

  #header() {
    const { streamTime, last, sources } = this.#state
    return { streamTime: Number.isFinite(streamTime) ? streamTime : null, last, sources: [...sources] }
  }

  #take({ key, value, timestamp }: KafkaRecord): void {
    let event: { at: number; count: number }
    try {
      event = JSON.parse(String(value))
    } catch (thrown) {
      this.counts.deadLettered++
      this.#outputs.push({
        channel: 'dead-letter',
        topic: '',
        key,
        value,
        headers: { error: Buffer.from(String(thrown)) },
      })
      return
    }
    const start = Math.floor(event.at / this.#tally.sizeMs) * this.#tally.sizeMs
    if (start + this.#tally.sizeMs - 1 < this.#state.streamTime - this.#tally.graceMs) {
      this.counts.late++
      this.#outputs.push({ channel: 'late', topic: '', key, value })
      return
    }
    const window = `${String(key)}|${start}`
    if (this.#tally.rekey) this.#partials.set(window, (this.#partials.get(window) ?? 0) + event.count)
    else this.#add(window, event.count)
    if (!this.#state.last || event.at >= this.#state.last.eventTime)
      this.#state.last = { eventTime: event.at, writtenAt: timestamp }
    this.#reach(event.at)
  }

  #merge({ value }: KafkaRecord): void {
    const partial = JSON.parse(String(value))
    if (partial.window !== undefined) {
      this.#add(partial.window, partial.count)
      return
    }
    this.#state.sources.set(partial.source, partial.time)
    if (this.#state.sources.size === this.#task.partitions) this.#reach(Math.min(...this.#state.sources.values()))
  }

  #ship(): void {
    for (const [window, count] of this.#partials) {
      const letter = Buffer.from(window.slice(0, 1))
      const rekeyed = `${window.slice(0, 1)}|${window.split('|')[1]}`
      this.#outputs.push({ channel: 'repartition', topic: '', key: letter, value: json({ window: rekeyed, count }) })
    }
    this.#partials = new Map()
    if (!Number.isFinite(this.#state.streamTime)) return
    for (let partition = 0; partition < this.#task.partitions; partition++) {
      const value = json({ source: this.#task.partition, time: this.#state.streamTime })
      this.#outputs.push({ channel: 'repartition', topic: '', partition, key: null, value })
    }
  }

  #add(window: string, count: number): void {
    this.#state.windows.set(window, (this.#state.windows.get(window) ?? 0) + count)
    this.#dirty.add(window)
  }

  #reach(time: number): void {
    if (time <= this.#state.streamTime) return
    this.#state.streamTime = time
    const closed = [...this.#state.windows].filter(([window]) => {
      const start = Number(window.split('|')[1])
      return start + this.#tally.sizeMs - 1 < time - this.#tally.graceMs
    })
    closed.sort(([a], [b]) => Number(a.split('|')[1]) - Number(b.split('|')[1]) || (a < b ? -1 : 1))
    for (const [window, count] of closed) {
      this.#state.windows.delete(window)
      this.#dirty.add(window)
      const [key = '', start] = window.split('|')
      const value = json({ key, start: Number(start), count })
      this.#outputs.push({ channel: 'result', topic: this.#tally.result, key: Buffer.from(key), value })
    }
  }
}
