import type { KafkaRecord } from '#engine/broker'
import { type Archive, type ArchivedRange, fingerprint } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type BronzeRow, readBronzeFile } from './bronze/container.ts'
import { cutsOf, type Known, readState } from './ledger/state.ts'
import type { BronzeObject } from './manifest.ts'
import type { ObjectStore } from './object-store.ts'

/** Bronze as replays read it: only what manifests made visible, and nothing that is not as it was written. */
export class BronzeArchive implements Archive {
  private readonly store: ObjectStore
  private readonly known = new Map<string, BronzeObject>()
  /** By topic, what never changes once written: asked again, only what is new is read. */
  private readonly readOnce = new Map<string, Known>()

  constructor(store: ObjectStore) {
    this.store = store
  }

  async ranges(topic: string): Promise<readonly ArchivedRange[]> {
    const known = this.readOnce.get(topic) ?? new Map()
    this.readOnce.set(topic, known)
    const cuts = await cutsOf(this.store, await readState(this.store, topic, known), known)
    const byGeneration = [...cuts].sort((a, b) => b.generation - a.generation)
    const kept: BronzeObject[] = []
    const taken = new Map<number, BronzeObject[]>()
    for (const { bronze } of byGeneration)
      for (const range of bronze) {
        const own = taken.get(range.partition) ?? []
        taken.set(range.partition, own)
        // A topic made anew counts its offsets from 0 again: its generation is later, and stands for them.
        if (own.some((other) => other.first <= range.last && range.first <= other.last)) continue
        own.push(range)
        kept.push(range)
        this.known.set(range.object, range)
      }
    return kept.sort((a, b) => a.partition - b.partition || a.first - b.first)
  }

  async read(topic: string, range: ArchivedRange): Promise<readonly KafkaRecord[]> {
    if (!this.known.has(range.object)) await this.ranges(topic)
    const expected = this.known.get(range.object)
    const doing = `reading ${topic}[${range.partition}]@${range.first}-${range.last} from the archive (${range.object})`
    if (expected === undefined) throw new KappaError('CUT_MISMATCH', `${doing}: no manifest names this object`)
    const file = await this.store.get(range.object)
    if (file === undefined) throw new KappaError('CUT_MISMATCH', `${doing}: the object is missing`)
    let rows: readonly BronzeRow[]
    try {
      rows = await readBronzeFile(file, { topic, partition: range.partition })
    } catch (cause) {
      throw new KappaError('CUT_MISMATCH', doing, { cause })
    }
    const altered = rows.find(({ intact }) => !intact)
    if (altered !== undefined)
      throw new KappaError(
        'CUT_MISMATCH',
        `${doing}: the row of offset ${altered.record.offset} is not as it was written`,
      )
    const records = rows.map(({ record }) => record)
    const found = fingerprint(records)
    if (found.count !== expected.count || found.sha256 !== expected.sha256)
      throw new KappaError(
        'CUT_MISMATCH',
        `${doing}: its manifest says ${expected.count} records with sha256 ${expected.sha256}, found ${found.count} with ${found.sha256}`,
      )
    return records
  }
}
