import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/** One row of a table from a moment on; `row` null: deleted. */
export interface Version {
  readonly time: number
  readonly row: readonly unknown[] | null
}

/** Rows by key text, each with its versions in event-time order; kept for a history behind the newest of all rows and streams. */
export class VersionTable implements StatePart {
  readonly tag: string
  readonly #versions = new Map<string, Version[]>()
  readonly #dirty = new Set<string>()
  #count = 0

  constructor(tag: string) {
    this.tag = tag
  }

  get entries(): number {
    return this.#count
  }

  /**
   * Adds a version; one of the same time is replaced. `keepFrom`: look-ups at or after this time stay answerable, older
   * versions but the last before it are dropped.
   */
  put(key: string, version: Version, keepFrom: number): void {
    const versions = this.#versions.get(key) ?? []
    if (versions.length === 0) this.#versions.set(key, versions)
    let at = versions.length
    while (at > 0 && (versions[at - 1] as Version).time > version.time) at--
    if (at > 0 && (versions[at - 1] as Version).time === version.time) versions[at - 1] = version
    else {
      versions.splice(at, 0, version)
      this.#count++
    }
    let stale = 0
    while (stale + 1 < versions.length && (versions[stale + 1] as Version).time <= keepFrom) stale++
    if (stale > 0) {
      versions.splice(0, stale)
      this.#count -= stale
    }
    this.#dirty.add(key)
  }

  /** The latest version at or before `time`. */
  at(key: string, time: number): Version | undefined {
    const versions = this.#versions.get(key)
    if (versions === undefined) return undefined
    let low = 0
    let high = versions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((versions[middle] as Version).time <= time) low = middle + 1
      else high = middle
    }
    return versions[low - 1]
  }

  writeDelta(writer: ByteWriter): boolean {
    if (this.#dirty.size === 0) return false
    for (const key of this.#dirty) this.#write(writer, key)
    this.#dirty.clear()
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    const keys = [...this.#versions.keys()]
    for (let from = 0; from < keys.length; from += ENTRIES_PER_BLOCK) {
      const writer = begin()
      for (const key of keys.slice(from, from + ENTRIES_PER_BLOCK)) this.#write(writer, key)
      end()
    }
  }

  #write(writer: ByteWriter, key: string): void {
    const versions = this.#versions.get(key) ?? []
    writer.text(key)
    writer.varint(versions.length)
    for (const { time, row } of versions) {
      writer.value(time)
      writer.value(row)
    }
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const key = reader.text()
      const versions: Version[] = []
      for (let left = reader.varint(); left > 0; left--)
        versions.push({ time: reader.value() as number, row: reader.value() as readonly unknown[] | null })
      this.#count += versions.length - (this.#versions.get(key)?.length ?? 0)
      this.#versions.set(key, versions)
    }
  }

  clear(): void {
    this.#versions.clear()
    this.#dirty.clear()
    this.#count = 0
  }
}
