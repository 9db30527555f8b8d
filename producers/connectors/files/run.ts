import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import type { Checkpoints } from '#engine/ingest'
import type { Clock } from '#engine/time'
import { keepOriginal, originalKey } from '../originals.ts'
import type { FileKind } from './config.ts'
import type { FilesOptions } from './ingest.ts'
import { type Copy, type Found, hashOf } from './landing.ts'
import { type FileEntry, Ledger, nameKey, unitOf } from './ledger.ts'
import { filesName } from './name.ts'
import { Stillness } from './stillness.ts'
import { type Taking, takeFile } from './take.ts'

/** How often the committed ends are asked for, in files: they say where to begin looking for a file's events. */
const ENDS_EVERY = 200

/** One attempt at a source's files: the steps of `ingestFiles`. */
export class Run {
  readonly known = new Set<string>()
  readonly unmatched = new Set<string>()
  growing: readonly string[] = []
  private readonly options: FilesOptions
  private readonly clock: Clock
  private readonly checkpoints: Checkpoints
  /** Units that this call took anything of, through all its attempts. */
  private readonly taken: Set<string>
  private readonly ledger: Ledger
  /** Sendings that this call stands for, through all its attempts: trying again must not send again. */
  private readonly meant: Set<string>
  private readonly stillness: Stillness
  private readonly progress = { bytes: 0, bytesInAll: 0, file: '' }
  private ends: { readonly of: ReadonlyMap<string, readonly number[]>; uses: number } | undefined

  constructor(options: FilesOptions, clock: Clock, checkpoints: Checkpoints, taken: Set<string>, meant: Set<string>) {
    this.meant = meant
    this.options = options
    this.clock = clock
    this.checkpoints = checkpoints
    this.taken = taken
    this.ledger = new Ledger(checkpoints.known)
    this.stillness = new Stillness(options.source.stillMs)
  }

  /** As the last attempt knows them: an earlier one may not have heard of its last commit. */
  takenOf(units: ReadonlySet<string>): readonly FileEntry[] {
    return this.ledger.entries.filter((entry) => units.has(unitOf(entry)))
  }

  /** Step 1. */
  async goOn(): Promise<void> {
    const { unfinished } = this.ledger
    this.progress.bytesInAll += unfinished.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const entry of unfinished) {
      if (this.options.signal?.aborted) return
      const path = await this.fromOriginal(entry)
      if (entry.again > 0) this.meant.add(unitOf(entry))
      await this.take(this.kindOf(entry.name), path, entry)
      await rm(path)
    }
  }

  /** A file's records once more, as events of their own; a sending that was begun and gone on with is the one that is meant. */
  async sendAgain(wanted: string): Promise<void> {
    const { source } = this.options
    const matching = this.ledger.matching(wanted)
    if (matching.some((entry) => this.meant.has(unitOf(entry)))) return
    const contents = new Set(matching.map(({ sha256 }) => sha256))
    const entry = matching.at(-1)
    const doing = `sending ${wanted} of ${source.name} again`
    if (entry === undefined) throw new KappaError('CONFIG_INVALID', `${doing}: no such file was taken`)
    if (contents.size > 1)
      throw new KappaError(
        'CONFIG_INVALID',
        `${doing}: several contents were taken under it; give the beginning of a sha256`,
      )
    const again = Math.max(...matching.map((one) => one.again)) + 1
    this.meant.add(unitOf({ ...entry, again }))
    const path = await this.fromOriginal(entry)
    this.progress.bytesInAll += entry.bytes
    await this.take(this.kindOf(entry.name), path, { ...(await this.fresh(entry, entry.original)), again })
    await rm(path)
  }

  /** Steps 2 to 7, again and again where it watches. */
  async look(): Promise<void> {
    const { watch, signal, source } = this.options
    for (let looks = 1; !signal?.aborted; looks++) {
      const moving = await this.lookOnce()
      this.growing = moving.map(({ name }) => name)
      if (watch === undefined && (moving.length === 0 || looks > 1)) return
      await this.clock.sleep(watch?.everyMs ?? source.stillMs + 50, signal)
    }
  }

  /** Files that are still being written. */
  private async lookOnce(): Promise<readonly Found[]> {
    const { landing, source, signal } = this.options
    const all = await landing.list()
    const wanted = source.kinds.flatMap((kind) =>
      all.filter(({ name }) => this.firstKind(name) === kind).map((file) => ({ kind, file })),
    )
    for (const { name } of all) if (this.firstKind(name) === undefined) this.unmatched.add(name)
    const fresh = wanted.filter(({ file }) => !this.isKnown(file))
    this.progress.bytesInAll = this.progress.bytes + fresh.reduce((sum, { file }) => sum + file.bytes, 0)
    const moving: Found[] = []
    for (const { kind, file } of fresh) {
      if (signal?.aborted) break
      const copy = this.stillness.isStill(file, this.clock.now()) ? await landing.copy(file, this.spooled()) : undefined
      if (copy === undefined) moving.push(file)
      else await this.takeCopy(kind, file, copy)
    }
    return moving
  }

  private async takeCopy(kind: FileKind, file: Found, copy: Copy): Promise<void> {
    const { source, objects } = this.options
    const known = this.ledger.ofContent(copy.sha256)
    if (known !== undefined) {
      const seen = { bytes: file.bytes, modified: file.modified, unit: unitOf(known) }
      await this.checkpoints.commit([], new Map([[nameKey(file.name), seen]]))
      this.ledger.noteName(file.name, seen)
      this.known.add(file.name)
      this.progress.bytes += file.bytes
    } else {
      const earlier = await this.shorterState(kind, file, copy)
      const whole = { ...file, sha256: copy.sha256 }
      const key = originalKey(source.name, whole, (one) => this.ledger.holdsOther(one, copy.sha256))
      await keepOriginal(objects, key, copy.path, copy.sha256)
      const passed = earlier === undefined ? 0 : Math.max(0, earlier.passed + earlier.rows - 1)
      await this.take(
        kind,
        copy.path,
        { ...(await this.fresh(whole, key)), passed, last: earlier?.last ?? null },
        earlier,
      )
    }
    await rm(copy.path)
  }

  /** The file as it was taken when it had fewer lines: then only the new ones are taken. */
  private async shorterState(kind: FileKind, file: Found, copy: Copy): Promise<FileEntry | undefined> {
    if (kind.format.format !== 'csv' && kind.format.format !== 'ndjson') return undefined
    const earlier = this.ledger.ofName(file.name)
    if (earlier === undefined || earlier.endedAt === null || earlier.bytes >= copy.bytes || earlier.bytes === 0)
      return undefined
    return (await hashOf(copy.path, earlier.bytes)).sha256 === earlier.sha256 ? earlier : undefined
  }

  private async take(kind: FileKind, path: string, entry: FileEntry, earlier?: FileEntry): Promise<void> {
    const { signal, onProgress, source } = this.options
    const before = this.progress.bytes
    this.taken.add(unitOf(entry))
    const taking: Taking = {
      source: filesName(source.name),
      checkpoints: this.checkpoints,
      ledger: this.ledger,
      clock: this.clock,
      ...(signal === undefined ? {} : { signal }),
      onProgress: (now, bytes) => {
        this.progress.bytes = before + bytes
        this.progress.file = now.name
        onProgress?.({ ...this.progress, ...(now.endedAt === null ? {} : { ended: now }) })
      },
    }
    await takeFile(taking, kind, path, entry, earlier)
  }

  private async fresh(
    { name, sha256, bytes, modified }: Pick<FileEntry, 'name' | 'sha256' | 'bytes' | 'modified'>,
    original: string,
  ): Promise<FileEntry> {
    const since = Object.fromEntries(await this.committedEnds())
    const counts = { again: 0, passed: 0, rows: 0, last: null, tallies: {}, hours: {} }
    return { name, sha256, bytes, modified, original, ...counts, since, begunAt: this.clock.now(), endedAt: null }
  }

  /** Asked for now and then only: events of a file do not lie before an older end either. */
  private async committedEnds(): Promise<ReadonlyMap<string, readonly number[]>> {
    if (this.ends === undefined || this.ends.uses >= ENDS_EVERY) {
      const { broker, source } = this.options
      const names = new Set(source.kinds.flatMap(({ topics }) => topics.map(({ name }) => name)))
      const ends = await Promise.all(
        [...names].map(async (name) => [name, await broker.admin.committedEnds(name)] as const),
      )
      this.ends = { of: new Map(ends), uses: 0 }
    }
    this.ends.uses++
    return this.ends.of
  }

  private async fromOriginal({ name, original, sha256 }: FileEntry): Promise<string> {
    const path = this.spooled()
    const doing = `reading the original of ${name} at ${original}`
    if (!(await this.options.objects.getFile(original, path)))
      throw new KappaError('STATE_MISMATCH', `${doing}: it is gone (kept for as long as the source's 'originals' says)`)
    const { sha256: found } = await hashOf(path)
    if (found !== sha256) throw new KappaError('STATE_MISMATCH', `${doing}: its sha256 is ${found}, not ${sha256}`)
    return path
  }

  private isKnown(file: Found): boolean {
    if (!this.ledger.knows(file)) return false
    this.known.add(file.name)
    return true
  }

  private firstKind = (name: string): FileKind | undefined =>
    this.options.source.kinds.find(({ matches }) => matches(name))

  private kindOf(name: string): FileKind {
    const kind = this.firstKind(name)
    if (kind !== undefined) return kind
    const { source } = this.options
    throw new KappaError(
      'CONFIG_INVALID',
      `going on with ${name}: it matches none of the files of source ${source.name} any more`,
    )
  }

  private copies = 0
  private spooled = (): string => join(this.options.spool, String(++this.copies))
}
