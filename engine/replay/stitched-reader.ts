import { type Broker, type KafkaRecord, type Position, placeOf, type Reader, type TopicPartition } from '#engine/broker'
import type { Archive } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import type { PartitionPlan, Segment } from './plan.ts'

interface Track {
  readonly plan: PartitionPlan
  position: number
  segment: number
  /** Records of the archived object being read, and how many of them were handed over. */
  buffered: readonly KafkaRecord[]
  taken: number
  /** `idle`: not assigned; positions before `assign` are the plan's start. */
  state: 'idle' | 'assigned'
  inKafka: boolean
  paused: boolean
}

export interface StitchedOptions {
  readonly broker: Broker
  readonly archive: Archive | undefined
  readonly plans: readonly PartitionPlan[]
  /** Records a second at most; absent: as fast as they come. */
  readonly rate?: number
  readonly clock?: Clock
}

/**
 * A reader over planned partitions that takes each offset from where the plan says, Kafka or the archive, and never past
 * the plan's end. To its user it is a reader like any other: same order, same records, same positions. An archived object
 * is verified whole when it is opened: CUT_MISMATCH, and no record of it is handed over.
 */
export async function stitchedReader(options: StitchedOptions): Promise<Reader> {
  const kafka = await options.broker.reader()
  return new StitchedReader(kafka, options)
}

class StitchedReader implements Reader {
  readonly #kafka: Reader
  readonly #archive: Archive | undefined
  readonly #clock: Clock
  readonly #rate: number | undefined
  readonly #tracks: ReadonlyMap<string, Track>
  /** Partitions are asked in turn, so that none waits for another's archive to end. */
  #turn = 0
  #busy: Promise<unknown> = Promise.resolve()
  #begun: number | undefined
  #handed = 0

  constructor(kafka: Reader, { archive, plans, rate, clock = systemClock }: StitchedOptions) {
    this.#kafka = kafka
    this.#archive = archive
    this.#clock = clock
    this.#rate = rate
    this.#tracks = new Map(
      plans.map((plan): [string, Track] => [
        placeOf(plan),
        {
          plan,
          position: plan.start,
          segment: 0,
          buffered: [],
          taken: 0,
          state: 'idle',
          inKafka: false,
          paused: false,
        },
      ]),
    )
  }

  assign(positions: readonly Position[]): Promise<void> {
    return this.#alone(async () => {
      for (const at of positions) {
        const track = this.#trackOf(at)
        await this.#leaveKafka(track)
        Object.assign(track, {
          position: at.offset,
          segment: 0,
          buffered: [],
          taken: 0,
          state: 'assigned',
          paused: false,
        })
      }
    })
  }

  unassign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#alone(async () => {
      for (const at of partitions) {
        const track = this.#tracks.get(placeOf(at))
        if (track === undefined) continue
        await this.#leaveKafka(track)
        track.state = 'idle'
      }
    })
  }

  read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    return this.#alone(async () => {
      const allowed = await this.#allowed(max, waitMs)
      if (allowed === 0) return []
      const records = await this.#read(allowed, waitMs)
      this.#handed += records.length
      return records
    })
  }

  position(at: TopicPartition): number | undefined {
    const track = this.#tracks.get(placeOf(at))
    if (track === undefined || track.state === 'idle') return undefined
    return track.inKafka ? Math.max(track.position, this.#kafka.position(at) ?? 0) : track.position
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false)
  }

  close(): Promise<void> {
    return this.#alone(() => this.#kafka.close())
  }

  /** Moves and reads happen one after the other: a read that is under way never writes to a partition that was moved. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#busy.then(work)
    this.#busy = turn.catch(() => {})
    return turn
  }

  #trackOf(at: TopicPartition): Track {
    const track = this.#tracks.get(placeOf(at))
    if (track === undefined)
      throw new KappaError('STATE_MISMATCH', `reading ${placeOf(at)}: it is not part of the replay's plan`)
    return track
  }

  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const at of partitions) {
      const track = this.#tracks.get(placeOf(at))
      if (track === undefined) continue
      track.paused = paused
      if (!track.inKafka) continue
      if (paused) this.#kafka.pause([at])
      else this.#kafka.resume([at])
    }
  }

  /** How many records the rate allows now; waits where it allows none. */
  async #allowed(max: number, waitMs: number): Promise<number> {
    if (this.#rate === undefined) return max
    this.#begun ??= this.#clock.now()
    const due = (): number => {
      const seconds = (this.#clock.now() - (this.#begun ?? 0)) / 1_000
      return Math.floor(seconds * (this.#rate ?? 0)) - this.#handed
    }
    if (due() <= 0) await this.#clock.sleep(waitMs)
    return Math.max(0, Math.min(max, due()))
  }

  async #read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    const tracks = [...this.#tracks.values()]
    let live = false
    for (let n = 0; n < tracks.length; n++) {
      const track = tracks[(this.#turn + n) % tracks.length]
      if (track === undefined || track.state === 'idle') continue
      const segment = await this.#settle(track)
      if (segment === undefined || track.paused) continue
      if (segment.from === 'kafka') live = true
      else {
        const records = await this.#takeArchived(track, segment, max)
        if (records.length === 0) continue
        this.#turn = (this.#turn + n + 1) % tracks.length
        return records
      }
    }
    if (!live) {
      await this.#clock.sleep(waitMs)
      return []
    }
    const records = await this.#kafka.read(max, waitMs)
    return records.filter((record) => record.offset < (this.#tracks.get(placeOf(record))?.plan.end ?? 0))
  }

  /** Hands a partition over to Kafka once its archived part is read, and takes it back at its end. */
  async #settle(track: Track): Promise<Segment | undefined> {
    const { plan } = track
    if (track.inKafka) track.position = Math.max(track.position, this.#kafka.position(plan) ?? 0)
    while ((plan.segments[track.segment]?.last ?? Number.POSITIVE_INFINITY) < track.position) track.segment++
    const segment = plan.segments[track.segment]
    if (segment === undefined) {
      await this.#leaveKafka(track)
      track.position = Math.max(track.position, plan.end)
    } else if (segment.from === 's3') await this.#leaveKafka(track)
    else if (!track.inKafka) {
      const { topic, partition } = plan
      track.position = Math.max(track.position, segment.first)
      track.inKafka = true
      await this.#kafka.assign([{ topic, partition, offset: track.position }])
      if (track.paused) this.#kafka.pause([{ topic, partition }])
    }
    return segment
  }

  async #takeArchived(track: Track, segment: Segment, max: number): Promise<KafkaRecord[]> {
    const { topic } = track.plan
    if (track.buffered.length === 0) {
      if (segment.range === undefined || this.#archive === undefined)
        throw new KappaError('STATE_MISMATCH', `reading ${placeOf(track.plan)}@${segment.first}: there is no archive`)
      const { position } = track
      const all = await this.#archive.read(topic, segment.range)
      track.buffered = all.filter(({ offset }) => offset >= position && offset <= segment.last)
      track.taken = 0
    }
    const records = track.buffered.slice(track.taken, track.taken + max)
    track.taken += records.length
    if (track.taken >= track.buffered.length) {
      track.buffered = []
      track.position = segment.last + 1
    } else track.position = (records.at(-1)?.offset ?? track.position) + 1
    return records
  }

  async #leaveKafka(track: Track): Promise<void> {
    if (!track.inKafka) return
    track.inKafka = false
    const { topic, partition } = track.plan
    await this.#kafka.unassign([{ topic, partition }])
  }
}
