import { type Broker, type KafkaRecord, type Position, placeOf, type Reader, type TopicPartition } from '#engine/broker'
import type { Archive } from '#engine/delivery'
import type { PartitionPlan, Segment } from './plan.ts'

interface Track {
  readonly plan: PartitionPlan
  position: number
  segment: number
  /** Records of the archived object being read, from `position` on. */
  buffered: readonly KafkaRecord[]
  taken: number
  inKafka: boolean
  paused: boolean
}

/**
 * A reader over planned partitions that takes each offset from where the plan says, Kafka or the archive, and never past
 * the plan's end. To its user it is a reader like any other: same order, same records, same positions.
 */
export async function stitchedReader(
  broker: Broker,
  archive: Archive | undefined,
  plans: readonly PartitionPlan[],
): Promise<Reader> {
  const kafka = await broker.reader()
  const tracks = new Map<string, Track>(
    plans.map((plan) => [
      placeOf(plan),
      { plan, position: plan.start, segment: 0, buffered: [], taken: 0, inKafka: false, paused: true },
    ]),
  )

  const segmentOf = (track: Track): Segment | undefined => {
    const { segments } = track.plan
    while (track.segment < segments.length && (segments[track.segment]?.last ?? 0) < track.position) track.segment++
    return segments[track.segment]
  }

  /** The next records of an archived object; the whole object is verified when it is opened. */
  const takeArchived = async (track: Track, segment: Segment, max: number): Promise<KafkaRecord[]> => {
    if (track.buffered.length === 0 && segment.range !== undefined && archive !== undefined) {
      const { position } = track
      const all = await archive.read(track.plan.topic, segment.range)
      track.buffered = all.filter((record) => record.offset >= position && record.offset <= segment.last)
      track.taken = 0
    }
    const records = track.buffered.slice(track.taken, track.taken + max)
    track.taken += records.length
    const done = track.taken >= track.buffered.length
    track.position = done ? segment.last + 1 : (records.at(-1)?.offset ?? track.position) + 1
    if (done) track.buffered = []
    return records
  }

  const leaveKafka = async (track: Track): Promise<void> => {
    if (!track.inKafka) return
    track.inKafka = false
    await kafka.unassign([track.plan])
  }

  /** Hands a partition over to Kafka once its archived part is read, and takes it back at its end. */
  const settle = async (track: Track): Promise<Segment | undefined> => {
    if (track.inKafka) track.position = Math.max(track.position, kafka.position(track.plan) ?? 0)
    const segment = segmentOf(track)
    if (segment === undefined) {
      await leaveKafka(track)
      track.position = Math.max(track.position, track.plan.end)
    } else if (segment.from === 's3') await leaveKafka(track)
    else if (!track.inKafka) {
      track.position = Math.max(track.position, segment.first)
      track.inKafka = true
      await kafka.assign([{ ...track.plan, offset: track.position }])
      if (track.paused) kafka.pause([track.plan])
      else kafka.resume([track.plan])
    }
    return segment
  }

  return {
    async assign(positions: readonly Position[]) {
      for (const at of positions) {
        const track = tracks.get(placeOf(at))
        if (track === undefined) continue
        await leaveKafka(track)
        Object.assign(track, { position: at.offset, segment: 0, buffered: [], taken: 0, paused: false })
      }
    },
    async unassign(partitions: readonly TopicPartition[]) {
      for (const at of partitions) {
        const track = tracks.get(placeOf(at))
        if (track === undefined) continue
        await leaveKafka(track)
        track.paused = true
      }
    },
    async read(max, waitMs) {
      let live = false
      for (const track of tracks.values()) {
        const segment = await settle(track)
        if (track.paused || segment === undefined) continue
        if (segment.from === 's3') {
          const records = await takeArchived(track, segment, max)
          if (records.length > 0) return records
        } else live = true
      }
      if (!live) return []
      const records = await kafka.read(max, waitMs)
      return records.filter((record) => record.offset < (tracks.get(placeOf(record))?.plan.end ?? 0))
    },
    position: (at) => {
      const track = tracks.get(placeOf(at))
      if (track === undefined) return undefined
      return track.inKafka ? Math.max(track.position, kafka.position(at) ?? 0) : track.position
    },
    pause(partitions) {
      for (const at of partitions) {
        const track = tracks.get(placeOf(at))
        if (track === undefined) continue
        track.paused = true
        if (track.inKafka) kafka.pause([at])
      }
    },
    resume(partitions) {
      for (const at of partitions) {
        const track = tracks.get(placeOf(at))
        if (track === undefined) continue
        track.paused = false
        if (track.inKafka) kafka.resume([at])
      }
    },
    close: () => kafka.close(),
  }
}
