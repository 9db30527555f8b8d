import type { Tally } from '#engine/ingest'
import { hourOf } from '../origin.ts'

/** What is known of one file: a checkpoint, written in the transactions that hold its events. */
export interface FileEntry {
  readonly name: string
  readonly sha256: string
  readonly bytes: number
  /** When the file was last written, milliseconds. */
  readonly modified: number
  /** 0 where it came by itself; n where it was sent again for the n-th time. */
  readonly again: number
  /** Key of the original in the bucket. */
  readonly original: string
  /** Records that an earlier, shorter state of the same file had brought: they are passed over. */
  readonly passed: number
  /** Records taken so far: events and dead letters. */
  readonly rows: number
  /** Where the last record taken stands: its first byte and how many. */
  readonly last: readonly [number, number] | null
  /** By topic. */
  readonly tallies: Readonly<Record<string, Readonly<Tally>>>
  /** By the hour in which they were taken, then by topic: events, dead letters. */
  readonly hours: Readonly<Record<string, Readonly<Record<string, readonly [events: number, deadLetters: number]>>>>
  /** Committed ends of the topics' partitions before its first event: nothing of it lies before. */
  readonly since: Readonly<Record<string, readonly number[]>>
  readonly begunAt: number
  /** When its last record was taken; null while some are missing. */
  readonly endedAt: number | null
}

/** A name under which content lies that was taken under another one. */
export interface SeenName {
  readonly bytes: number
  readonly modified: number
  /** The unit that holds the content. */
  readonly unit: string
}

/** Names a file's content, and which time it was sent: `<half of its sha256>`, `<half of its sha256>.2`. */
export const unitOf = ({ sha256, again }: Pick<FileEntry, 'sha256' | 'again'>): string =>
  `${sha256.slice(0, 32)}${again === 0 ? '' : `.${again}`}`

const FILE = 'file:'
const NAME = 'name:'

export const fileKey = (entry: Pick<FileEntry, 'sha256' | 'again'>): string => `${FILE}${unitOf(entry)}`
export const nameKey = (name: string): string => `${NAME}${name}`

/** What the checkpoints of a source say of its files. */
export class Ledger {
  private readonly units = new Map<string, FileEntry>()
  private readonly names = new Map<string, FileEntry>()
  private readonly seen = new Map<string, SeenName>()
  private readonly originals = new Map<string, string>()

  constructor(checkpoints: ReadonlyMap<string, unknown>) {
    for (const [key, value] of checkpoints) {
      if (key.startsWith(FILE)) this.note(value as FileEntry)
      else if (key.startsWith(NAME)) this.seen.set(key.slice(NAME.length), value as SeenName)
    }
  }

  note(entry: FileEntry): void {
    this.units.set(unitOf(entry), entry)
    this.originals.set(entry.original, entry.sha256)
    const known = this.names.get(entry.name)
    if (known === undefined || known.begunAt <= entry.begunAt) this.names.set(entry.name, entry)
  }

  noteName(name: string, seen: SeenName): void {
    this.seen.set(name, seen)
  }

  get entries(): readonly FileEntry[] {
    return [...this.units.values()]
  }

  /** Files that were begun and not ended, the earliest first. */
  get unfinished(): readonly FileEntry[] {
    return this.entries.filter(({ endedAt }) => endedAt === null).sort((a, b) => a.begunAt - b.begunAt)
  }

  /** The first sending of this content. */
  ofContent(sha256: string): FileEntry | undefined {
    return this.units.get(unitOf({ sha256, again: 0 }))
  }

  /** The entry begun last under a name. */
  ofName(name: string): FileEntry | undefined {
    return this.names.get(name)
  }

  /** Every entry that a name, the end of one, or the beginning of a sha256 means. */
  matching(wanted: string): readonly FileEntry[] {
    const path = wanted.replace(/^\.\//, '')
    const found = this.entries.filter(
      ({ name, sha256 }) =>
        name === path ||
        path.endsWith(`/${name}`) ||
        name.endsWith(`/${path}`) ||
        (path.length >= 8 && sha256.startsWith(path)),
    )
    return found.sort((a, b) => a.begunAt - b.begunAt)
  }

  /** True where this very state of a file was taken, without opening it. */
  knows({
    name,
    bytes,
    modified,
  }: {
    readonly name: string
    readonly bytes: number
    readonly modified: number
  }): boolean {
    const [entry, seen] = [this.names.get(name), this.seen.get(name)]
    return (
      (entry?.bytes === bytes && entry.modified === modified) || (seen?.bytes === bytes && seen.modified === modified)
    )
  }

  /** Whether a key of the bucket holds another content. */
  holdsOther(key: string, sha256: string): boolean {
    const held = this.originals.get(key)
    return held !== undefined && held !== sha256
  }
}

/** The entry after a transaction. */
export function advanced(
  entry: FileEntry,
  taken: {
    readonly rows: number
    readonly last: readonly [number, number] | null
    readonly tallies: ReadonlyMap<string, Tally>
    readonly takenAt: number
    readonly ended: boolean
  },
): FileEntry {
  const hour = hourOf(taken.takenAt)
  const tallies: Record<string, Tally> = { ...entry.tallies }
  const inHour: Record<string, readonly [number, number]> = { ...entry.hours[hour] }
  for (const [topic, { written, deadLettered, throughTime }] of taken.tallies) {
    const sum = tallies[topic]
    const [events, deadLetters] = inHour[topic] ?? [0, 0]
    inHour[topic] = [events + written, deadLetters + deadLettered]
    const through = [sum?.throughTime ?? null, throughTime].filter((time) => time !== null)
    tallies[topic] = {
      written: (sum?.written ?? 0) + written,
      deadLettered: (sum?.deadLettered ?? 0) + deadLettered,
      throughTime: through.length === 0 ? null : Math.max(...through),
    }
  }
  return {
    ...entry,
    rows: entry.rows + taken.rows,
    last: taken.last ?? entry.last,
    tallies,
    hours: taken.rows === 0 ? entry.hours : { ...entry.hours, [hour]: inHour },
    endedAt: taken.ended ? taken.takenAt : null,
  }
}
