import type { KafkaRecord } from '#engine/broker'
import { type Cut, type Destination, EventTimes, fingerprint, type RefusedRow } from '#engine/delivery'
import { type AnyTopic, Evolution, type Registry } from '#engine/schema'
import { bronzeFile } from './bronze/container.ts'
import { bronzeKey, manifestKey, type SilverBy, silverKey } from './layout.ts'
import type { BronzeObject, Manifest, SilverObject } from './manifest.ts'
import { concurrently, ObjectStore, type S3Address } from './object-store.ts'
import { parquetFile } from './silver/parquet.ts'
import { SilverReader } from './silver/rows.ts'

const PUT_WIDTH = 8

/**
 * Bronze and silver in S3. Every object of a cut is named by the cut and holds the same bytes however often it is
 * written; the manifest comes last, and what no manifest names is not there. So a cut tried again overwrites itself, and
 * no conditional put is needed (S3Proxy answers 501 to one).
 */
export class S3Destination implements Destination {
  readonly name = 's3'
  private readonly store: ObjectStore
  private readonly registry: Registry
  private readonly silverOf: (topic: AnyTopic) => SilverBy | undefined
  private readonly times = new Map<string, EventTimes>()
  private readonly versions = new Map<string, Version>()

  constructor(options: {
    readonly address: S3Address
    readonly registry: Registry
    /** How a topic's silver is cut into folders; undefined: bronze alone. */
    readonly silverOf: (topic: AnyTopic) => SilverBy | undefined
    /** Instead of the one at the address. */
    readonly store?: ObjectStore
  }) {
    this.store = options.store ?? new ObjectStore(options.address)
    this.registry = options.registry
    this.silverOf = options.silverOf
  }

  prepare(): Promise<void> {
    return this.store.ensure()
  }

  async write(topic: AnyTopic, cut: Cut, records: readonly KafkaRecord[]): Promise<readonly RefusedRow[]> {
    const bronze = await this.writeBronze(topic, cut, records)
    const { silver, refused } = await this.writeSilver(topic, cut, records)
    const manifest: Manifest = { cut, bronze, silver, refused: refused.length }
    await this.store.put(manifestKey(cut), Buffer.from(`${JSON.stringify(manifest)}\n`), 'application/json')
    return refused
  }

  async close(): Promise<void> {
    this.store.close()
  }

  private async writeBronze(topic: AnyTopic, cut: Cut, records: readonly KafkaRecord[]): Promise<BronzeObject[]> {
    const times = this.timesOf(topic)
    await times.learn(records)
    const byPartition = new Map<number, KafkaRecord[]>()
    for (const record of records) {
      const own = byPartition.get(record.partition)
      if (own === undefined) byPartition.set(record.partition, [record])
      else own.push(record)
    }
    const objects: BronzeObject[] = []
    await concurrently(cut.ranges, PUT_WIDTH, async ({ partition, first, last }, i) => {
      const own = byPartition.get(partition) ?? []
      const { count, sha256, hashSum } = fingerprint(own)
      const file = await bronzeFile(own, { topic: cut.topic, partition, sha256 })
      const object = bronzeKey(cut, partition, first, last)
      await this.store.put(object, file, 'application/avro')
      objects[i] = { partition, first, last, count, ...spanOf(own, times), object, bytes: file.length, sha256, hashSum }
    })
    return objects
  }

  private async writeSilver(
    topic: AnyTopic,
    cut: Cut,
    records: readonly KafkaRecord[],
  ): Promise<{ silver: SilverObject[]; refused: readonly RefusedRow[] }> {
    const by = this.silverOf(topic)
    if (by === undefined) return { silver: [], refused: [] }
    const { current, reader } = await this.followed(topic, cut, by)
    const { folders, refused } = await reader.read(records)
    const silver: SilverObject[] = []
    await concurrently(folders, PUT_WIDTH, async ([folder, rows], i) => {
      const file = await parquetFile(current, cut, rows)
      const object = silverKey(cut, folder)
      await this.store.put(object, file, 'application/vnd.apache.parquet')
      const { hashSum } = fingerprint(rows.map(({ record }) => record))
      silver[i] = { object, rows: rows.length, hashSum, bytes: file.length }
    })
    return { silver, refused }
  }

  private timesOf(topic: AnyTopic): EventTimes {
    const known = this.times.get(topic.name) ?? new EventTimes(topic, this.registry)
    this.times.set(topic.name, known)
    return known
  }

  /** The topic as a cut's records are written: files from a later version of it on have its columns. */
  private async followed(topic: AnyTopic, { schemaIds }: Cut, by: SilverBy): Promise<Version> {
    const known = this.versions.get(topic.name) ?? {
      evolution: new Evolution(topic, this.registry),
      current: topic,
      reader: new SilverReader(topic, this.registry, by),
    }
    const current = await known.evolution.follow(schemaIds)
    const next =
      current === known.current ? known : { ...known, current, reader: new SilverReader(current, this.registry, by) }
    this.versions.set(topic.name, next)
    return next
  }
}

/** A topic as far as its versions were followed, and what reads it. */
interface Version {
  readonly evolution: Evolution
  readonly current: AnyTopic
  readonly reader: SilverReader
}

function spanOf(
  records: readonly KafkaRecord[],
  times: EventTimes,
): { minEventTime: number | null; maxEventTime: number | null } {
  let minEventTime: number | null = null
  let maxEventTime: number | null = null
  for (const record of records) {
    const time = times.of(record)
    if (time === null) continue
    if (minEventTime === null || time < minEventTime) minEventTime = time
    if (maxEventTime === null || time > maxEventTime) maxEventTime = time
  }
  return { minEventTime, maxEventTime }
}
