import type { KafkaRecord } from '#engine/broker'
import {
  type Archive,
  addHashes,
  type Cut,
  CutLog,
  type Destination,
  deliverUntil,
  type RefusedRow,
  type RowSum,
  recordHash,
} from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { sales, untilNow, type World } from '../../delivery/delivery-fixture.ts'
import { GenerationLog } from '../generations.ts'
import type { SwitchableTables } from '../verify.ts'
import type { PlacedTallies, RebuildDestination, RebuildOptions } from './options.ts'

export interface StoredRow {
  readonly at: string
  readonly key: string
  readonly retracted: boolean
  readonly generation: number
  readonly hash: string
  readonly writtenAt: number
}

/**
 * A store of tables by name, each with its tokens, as ClickHouse has them: 'live', and 'v2' and so on beside it. Where rows
 * replace one another their keys are their identities.
 */
export class TableStore implements RebuildDestination, SwitchableTables, PlacedTallies {
  readonly name = 'memory'
  readonly tables = new Map<string, StoredRow[]>()
  readonly writes: string[] = []
  refuses: (record: KafkaRecord) => string | undefined = () => undefined
  /** Rows that this does not take are lost without a word. */
  loses: (record: KafkaRecord, place: string) => boolean = () => false
  private shows = 1
  private readonly tokens = new Map<string, Set<string>>()

  async prepare(): Promise<void> {
    this.rowsOf('live')
  }

  async write(_: unknown, cut: Cut, records: readonly KafkaRecord[]): Promise<readonly RefusedRow[]> {
    return this.put('live', cut, records)
  }

  into(generation: number): Destination {
    const place = `v${generation}`
    return {
      name: this.name,
      prepare: async () => void this.rowsOf(place),
      write: async (_, cut, records) => this.put(place, cut, records),
      close: async () => {},
    }
  }

  async ofGeneration(
    _: unknown,
    generation: number,
    below: Readonly<Record<number, number>>,
    __: unknown,
    place: number,
  ) {
    return sumOf(
      this.rowsOf(`v${place}`).filter((row) => {
        const [partition = 0, offset = 0] = row.at.split('@').map(Number)
        return row.generation === generation && offset < (below[partition] ?? 0)
      }),
    )
  }

  async ofCut(_: unknown, { generation, ranges }: Pick<Cut, 'generation' | 'ranges'>, place: number) {
    return sumOf(
      this.rowsOf(`v${place}`).filter((row) => {
        const [partition, offset = 0] = row.at.split('@').map(Number)
        const isIn = ranges.some(
          (range) => range.partition === partition && range.first <= offset && offset <= range.last,
        )
        return row.generation === generation && isIn
      }),
    )
  }

  async ofLatest(_: unknown, place: number, since = 0) {
    return sumOf(this.latest(`v${place}`).filter(({ writtenAt }) => writtenAt >= since))
  }

  /** The last row of every key, as a table shows it whose rows replace one another. */
  latest(place: string): StoredRow[] {
    const latest = new Map<string, StoredRow>()
    const offsetOf = ({ at }: StoredRow): number => Number(at.split('@')[1])
    for (const row of this.rowsOf(place)) {
      const before = latest.get(row.key)
      if (before === undefined || offsetOf(before) <= offsetOf(row)) latest.set(row.key, row)
    }
    return [...latest.values()].filter(({ retracted }) => !retracted)
  }

  async compare(): Promise<never> {
    throw new Error('a rebuilt table is never compared with the live one')
  }
  async copyOutside(): Promise<never> {
    throw new Error('nothing is copied from the live table')
  }
  async exchange(_: unknown, generation: number) {
    if (this.shows === generation) return
    this.swap(generation)
    this.shows = generation
  }
  async rollback(_: unknown, generation: number) {
    if (this.shows !== generation) return
    this.swap(generation)
    this.shows = 1
  }
  async copySince(_: unknown, generation: number, positions: Readonly<Record<number, number>>) {
    const since = this.rowsOf('live').filter((row) => {
      const [partition = 0, offset = 0] = row.at.split('@').map(Number)
      return offset >= (positions[partition] ?? 0)
    })
    this.rowsOf(`v${generation}`).push(...since)
  }
  async shown() {
    return this.shows
  }
  async drop(_: unknown, generation: number) {
    this.tables.delete(`v${generation}`)
  }
  async close(): Promise<void> {}

  rowsOf(place: string): StoredRow[] {
    const rows = this.tables.get(place) ?? []
    this.tables.set(place, rows)
    return rows
  }

  private swap(generation: number): void {
    const [live, other] = [this.rowsOf('live'), this.rowsOf(`v${generation}`)]
    const [own, theirs] = [this.tokensOf('live'), this.tokensOf(`v${generation}`)]
    this.tables.set('live', other).set(`v${generation}`, live)
    this.tokens.set('live', theirs).set(`v${generation}`, own)
  }

  private tokensOf(place: string): Set<string> {
    const tokens = this.tokens.get(place) ?? new Set<string>()
    this.tokens.set(place, tokens)
    return tokens
  }

  private put(place: string, cut: Cut, records: readonly KafkaRecord[]): readonly RefusedRow[] {
    this.writes.push(`${place} ${cut.number}`)
    const token = `${cut.generation}/${cut.lane}/${cut.number}/${JSON.stringify(cut.ranges)}`
    const isThere = this.tokensOf(place).has(token)
    this.tokensOf(place).add(token)
    const refused: RefusedRow[] = []
    for (const record of records) {
      const reason = this.refuses(record)
      if (reason !== undefined) refused.push({ record, reason })
      else if (!isThere && !this.loses(record, place)) this.rowsOf(place).push(rowOf(cut, record))
    }
    return refused
  }
}

function rowOf(cut: Cut, record: KafkaRecord): StoredRow {
  const { partition, offset } = record
  const part = cut.parts?.find(({ ranges }) =>
    ranges.some((range) => range.partition === partition && range.first <= offset && offset <= range.last),
  )
  const { generation, decidedAt } = part ?? cut
  const key = record.key?.toString() ?? ''
  const about = { at: `${partition}@${offset}`, key, retracted: record.value === null }
  return { ...about, generation, hash: recordHash(record), writtenAt: decidedAt }
}

const sumOf = (rows: readonly StoredRow[]): RowSum => ({
  rows: rows.length,
  hashSum: rows.reduce((sum, { hash }) => addHashes(sum, hash), '0'),
})

/** Everything that the topic holds now, as S3 would have it: an object for every ten offsets of a partition. */
export function archiveOf(at: World, altered?: string): Archive {
  const all = at.broker.committed(sales.name)
  const held = [0, 1, 2].flatMap((partition) => {
    const own = all.filter((record) => record.partition === partition)
    return Array.from({ length: Math.ceil(own.length / 10) }, (_, i) => own.slice(i * 10, i * 10 + 10))
  })
  return {
    ranges: async () =>
      held.map((records, i) => ({
        partition: records[0]?.partition ?? 0,
        first: records[0]?.offset ?? 0,
        last: records.at(-1)?.offset ?? 0,
        count: records.length,
        minEventTime: null,
        maxEventTime: null,
        object: String(i),
        bytes: 1,
      })),
    read: async (_, { object }) =>
      (held[Number(object)] ?? []).map((record) =>
        `${record.partition}@${record.offset}` === altered ? { ...record, value: Buffer.from('other') } : record,
      ),
  }
}

/** A live sink whose store is `TableStore`, and what rebuilds the table of a topic. */
export function rebuilding(at: Pick<World, 'broker' | 'registry' | 'options'>, topic: AnyTopic = sales) {
  const store = new TableStore()
  const cuts = () => new CutLog({ sink: 'memory', broker: at.broker, clock: systemClock })
  const options = (more: Partial<RebuildOptions> = {}): RebuildOptions => ({
    app: 'test',
    broker: at.broker,
    registry: at.registry,
    archive: undefined,
    topic,
    cuts: cuts(),
    log: new GenerationLog({ broker: at.broker, app: 'test', clock: systemClock }),
    destination: store,
    tables: store,
    tallies: store,
    clock: systemClock,
    choice: 'auto',
    ...more,
  })
  return {
    store,
    options,
    deliver: async () => {
      const until = await untilNow(at.broker, topic.name)
      const lane = at.options({ destination: store, topic, source: topic.name })
      await deliverUntil({ ...lane, until }, new AbortController().signal)
    },
    live: () =>
      store
        .rowsOf('live')
        .map((row) => row.at)
        .sort(),
    states: async () => (await cuts().all()).map(({ state, cut }) => `${cut.generation} ${state}`).sort(),
  }
}
