import type { ClickHouseClient } from '@clickhouse/client'
import type { KafkaRecord } from '#engine/broker'
import { type Cut, type Destination, type RefusedRow, replayOf } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AnyTopic, type ClusterLayout, Evolution, type Registry } from '#engine/schema'
import { type ClickHouseAddress, connect, translated } from './connect.ts'
import { Generations } from './generations.ts'
import { blockOf, type CutInsert, insertRows } from './insert.ts'
import { type Block, BlockEncoder, type Columns } from './native/block.ts'
import { placeOf, rowsPresent } from './present.ts'
import { createSettledView, settledView } from './settled.ts'
import { nameOf, prepareTable, tableFor } from './tables.ts'
import { Tallies } from './tally.ts'
import { type StoredRow, storedRows } from './values.ts'
import { isResentWhole, protectViewTargets } from './views.ts'

/** Tokens that one cut may find burnt. */
const MOST_TOKENS = 4

/**
 * Any ClickHouse, over HTTP. A cut is one block under one deduplication token: sent twice it is there once. A cut that
 * may have been written before is compared with what is there first, so that it is there once even where the server
 * forgot the token (its window has passed, or it was killed before writing the token down).
 */
export class ClickHouseDestination implements Destination {
  readonly name = 'clickhouse'
  readonly generations: Generations
  readonly tallies: Tallies
  private readonly client: ClickHouseClient
  private readonly cluster: ClusterLayout | undefined
  private readonly registry: Registry
  private readonly versions = new Map<string, Version>()

  constructor(options: {
    readonly address: ClickHouseAddress
    readonly registry: Registry
    /** Instead of one for the address. */
    readonly client?: ClickHouseClient
  }) {
    this.client = options.client ?? connect(options.address)
    this.registry = options.registry
    this.cluster = options.address.cluster
    this.generations = new Generations(this.client, this.cluster)
    this.tallies = new Tallies(this.client)
  }

  prepare(topic: AnyTopic, replay?: number): Promise<void> {
    return prepareTable(this.client, topic, replay, this.cluster).then(() =>
      protectViewTargets(this.client, tableFor(topic, replay)),
    )
  }

  /** Both tables, and the view of what they come to together: `…_settled`. @param columns those that are added up */
  async prepareSettled(
    topic: AnyTopic,
    corrections: AnyTopic,
    columns: readonly string[],
    replaced: readonly string[] = [],
  ): Promise<void> {
    await this.prepare(topic)
    await this.prepare(corrections)
    try {
      await this.client.command({ query: createSettledView(topic, corrections, columns, replaced, this.cluster) })
    } catch (thrown) {
      throw translated(thrown, `making the view ${nameOf(settledView(topic))}`)
    }
  }

  async write(
    topic: AnyTopic,
    cut: Cut,
    records: readonly KafkaRecord[],
    again: boolean,
    confirm: () => Promise<void> = async () => {},
  ): Promise<readonly RefusedRow[]> {
    return await this.writeTo(replayOf(topic, cut.topic, cut.generation), topic, cut, records, again, confirm)
  }

  /**
   * A destination whose live cuts go into the table of a generation, row by row as they are in the live one and under the
   * same tokens: what a table is rebuilt with. Closing it closes nothing. Throws CONFIG_INVALID where tables are sharded:
   * those cannot be exchanged.
   */
  into(generation: number): Destination {
    if (this.cluster?.sharded === true)
      throw new KappaError(
        'CONFIG_INVALID',
        'rebuilding a table of a sharded cluster: only replicated ones can be exchanged',
      )
    return {
      name: this.name,
      prepare: (topic) => this.prepare(topic, generation),
      write: (topic, cut, records, again, confirm = async () => {}) =>
        this.writeTo(generation, topic, cut, records, again, confirm, tableFor(topic, undefined).name),
      close: async () => {},
    }
  }

  private async writeTo(
    replay: number | undefined,
    topic: AnyTopic,
    cut: Cut,
    records: readonly KafkaRecord[],
    again: boolean,
    confirm: () => Promise<void>,
    tokensOf?: string,
  ): Promise<readonly RefusedRow[]> {
    const version = await this.followed(topic, cut, replay)
    const { current, encoder, made } = version
    const table = tableFor(current, replay)
    await encoder.learn(cut.schemaIds)
    const columns = made.get(records) ?? encoder.columnsOf(records)
    made.delete(records)
    const block = encoder.blockOf(table, cut, columns)
    const { client, cluster } = this
    const names = tokensOf === undefined ? {} : { tokensOf }
    const insert = { client, encoder, table, ...names, cut, cluster, confirm, present: new Set<string>() }
    return [...block.refused, ...(await (again ? this.complete(insert, block) : insertRows(insert, block)))]
  }

  /** Columns are made while the server takes the block before. */
  ahead(topic: AnyTopic, next: Pick<Cut, 'topic' | 'generation' | 'schemaIds'>, records: readonly KafkaRecord[]): void {
    const version = this.versions.get(versionOf(topic, replayOf(topic, next.topic, next.generation)))
    if (version?.encoder.knows(next.schemaIds) !== true) return
    version.made.set(records, version.encoder.columnsOf(records))
  }

  /**
   * A cut that may have been written before. The server writes a token down and then makes the part visible: killed in
   * between, it takes the block for a repetition ever after, with success. So what is there is counted once more behind the
   * insert, and rows that are still absent go under another token. Of rows that replace one another some are absent for
   * good (the insert itself merges them): there once more is enough, an earlier version changes nothing.
   */
  private async complete(insert: CutInsert, block: Block): Promise<readonly RefusedRow[]> {
    const { client, table, cut, cluster } = insert
    const { rows } = block
    const refused = new Map<KafkaRecord, RefusedRow>()
    for (let burnt = 0; burnt <= MOST_TOKENS; burnt++) {
      const there = await rowsPresent(client, table, cut, cluster)
      const present = burnt === 0 && (await isResentWhole(client, table, cut)) ? new Set<string>() : there
      const isOpen = (record: KafkaRecord) => !present.has(placeOf(record)) && !refused.has(record)
      if (burnt > 0 && !rows.some(isOpen)) break
      if (burnt === MOST_TOKENS && !table.upserts)
        throw new KappaError('STORE', `inserting cut ${cut.number} into ${nameOf(table)}: rows stay absent`, {
          retriable: true,
        })
      const kept =
        refused.size === 0
          ? block
          : blockOf(
              insert,
              rows.filter((record) => !refused.has(record)),
            )
      for (const row of await insertRows({ ...insert, present, burnt }, kept)) refused.set(row.record, row)
      if (burnt > 0 && table.upserts) break
    }
    return [...refused.values()]
  }

  /** What is there of a cut, field by field: for `kappa verify --values`. */
  rowsOf(topic: AnyTopic, cut: Cut): Promise<readonly StoredRow[]> {
    return storedRows(this.client, topic, cut)
  }

  close(): Promise<void> {
    return this.client.close()
  }

  /** The topic as a cut's records are written; where a later version of it begins, its columns are made first. */
  private async followed(topic: AnyTopic, { schemaIds }: Cut, replay: number | undefined): Promise<Version> {
    const place = versionOf(topic, replay)
    const known: Version = this.versions.get(place) ?? {
      evolution: new Evolution(topic, this.registry),
      current: topic,
      encoder: new BlockEncoder(topic, this.registry),
      made: new WeakMap(),
    }
    this.versions.set(place, known)
    const current = await known.evolution.follow(schemaIds)
    if (current === known.current) return known
    await this.prepare(current, replay)
    const next = { ...known, current, encoder: new BlockEncoder(current, this.registry), made: new WeakMap() }
    this.versions.set(place, next)
    return next
  }
}

/** A topic as far as its versions were followed, and what makes its blocks. */
interface Version {
  readonly evolution: Evolution
  readonly current: AnyTopic
  readonly encoder: BlockEncoder
  /** Columns of records that are likely to come next, in any lane. */
  readonly made: WeakMap<readonly KafkaRecord[], Columns>
}

const versionOf = (topic: AnyTopic, replay: number | undefined): string => `${topic.name}/${replay ?? ''}`
