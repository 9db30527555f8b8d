import { CutLog, Lane, type RowSum } from '#engine/delivery'
import { type Clock, systemClock } from '#engine/time'
import { sales, untilNow, type World } from '../../../engine/delivery/delivery-fixture.ts'
import { ObjectStore, S3Destination, type StoredObject, tallyTopic } from '../index.ts'
import { readState, silverFilesOf } from '../ledger/state.ts'
import { readColumns } from './columns.ts'

export const HOUR = 3_600_000

/** The system clock, moved. */
export const later = (milliseconds: number): Clock => ({
  now: () => systemClock.now() + milliseconds,
  sleep: systemClock.sleep,
})

const address = {
  endpoint: 'http://127.0.0.1:9',
  region: 'none',
  bucket: 'memory',
  accessKeyId: '',
  secretAccessKey: '',
}

/** A bucket in memory that counts, and can be killed at any change. */
export class MemoryObjects extends ObjectStore {
  readonly objects = new Map<string, { body: Buffer; modified: number }>()
  gets: string[] = []
  changes = 0
  /** Throws at this change: before it is made, or after. */
  kill: { readonly at: number; readonly made: boolean } | undefined
  clock: Clock = systemClock

  constructor() {
    super(address)
  }

  override async ensure(): Promise<void> {}

  override async put(key: string, body: Uint8Array): Promise<void> {
    this.change(() => this.objects.set(key, { body: Buffer.from(body), modified: this.clock.now() }))
  }

  override async putNew(key: string, body: Uint8Array): Promise<boolean> {
    const there = this.objects.get(key)
    if (there !== undefined) return there.body.equals(body)
    await this.put(key, body)
    return true
  }

  override async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.change(() => this.objects.delete(key))
  }

  override async get(key: string): Promise<Buffer | undefined> {
    this.gets.push(key)
    return this.objects.get(key)?.body
  }

  override async list(prefix: string): Promise<readonly StoredObject[]> {
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { body, modified }]) => ({ key, bytes: body.length, modified }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  /** What it holds now, for a test that tries several ends. */
  copy(): MemoryObjects {
    const other = new MemoryObjects()
    for (const [key, object] of this.objects) other.objects.set(key, object)
    return other
  }

  private change(make: () => void): void {
    const killed = this.kill !== undefined && ++this.changes === this.kill.at
    if (this.kill === undefined) this.changes++
    if (!killed || this.kill?.made === true) make()
    if (killed) throw new Error('killed')
  }
}

/** Brings everything sold so far to the store. @param written how far the clock of the sink is moved, milliseconds */
export async function deliver(at: World, store: ObjectStore, written = 0): Promise<void> {
  const log = new CutLog({ sink: 's3', broker: at.broker, clock: systemClock })
  await log.ensure()
  const destination = new S3Destination({ address, registry: at.registry, silverOf: () => 'month', store })
  const until = await untilNow(at.broker, sales.name)
  const limits = { rows: 50, bytes: 1_000_000, ageMs: 20 }
  const lane = new Lane(at.options({ destination, log, limits, until, clock: later(written) }))
  const ended = await lane.run(new AbortController().signal)
  if (ended !== 'finished') throw lane.failure ?? new Error(`the lane ended ${ended}`)
}

/** What `kappa verify` would count: every object is there, and opened. */
export async function counted(store: ObjectStore) {
  const all = { 0: Number.MAX_SAFE_INTEGER }
  const listing = await tallyTopic(store, sales.name, 1, all, false)
  const deep = await tallyTopic(store, sales.name, 1, all, true)
  if (JSON.stringify(listing) !== JSON.stringify(deep)) throw new Error(`${JSON.stringify([listing, deep])}`)
  return deep
}

/** Every visible row of silver, by place. */
export async function silverRows(store: ObjectStore): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = []
  for (const { object } of silverFilesOf(await readState(store, sales.name))) {
    const bytes = await store.get(object)
    if (bytes === undefined) throw new Error(`${object} is missing`)
    rows.push(...(await readColumns(bytes)).rows)
  }
  const place = (row: Readonly<Record<string, unknown>>) => Number(row._partition) * 1e9 + Number(row._offset)
  return rows.sort((a, b) => place(a) - place(b))
}

export const sumOf = ({ rows, hashSum }: RowSum): RowSum => ({ rows, hashSum })
