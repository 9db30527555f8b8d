import type { ClickHouseClient } from '@clickhouse/client'
import { KappaError } from '#engine/errors'
import { type AnyTopic, type ClusterLayout, onCluster, type Table } from '#engine/schema'
import { translated } from './connect.ts'
import { paramsOf, type ReplayedRange, within } from './replayed-range.ts'
import { nameOf, tableFor } from './tables.ts'
import { type DiffOptions, diffWindows, type WindowDiff } from './window-diff.ts'

/** One identity whose rows differ between the live table and a generation's; null where one has no such row. */
export interface DifferingRow {
  /** Values of the identity's fields as text. */
  readonly identity: Readonly<Record<string, string>>
  readonly live: Readonly<Record<string, string>> | null
  readonly replayed: Readonly<Record<string, string>> | null
}

export interface Comparison {
  readonly compared: number
  readonly differing: number
  /** Where rows differ: rows that one side alone has, and by column those of both that differ in it. */
  readonly breakdown?: {
    readonly onlyLive: number
    readonly onlyReplayed: number
    readonly columns: Readonly<Record<string, number>>
  }
  /** The first of them, in order of identity. */
  readonly rows: readonly DifferingRow[]
}

const SHOWN = 100

/**
 * The tables of a generation beside the live one, and how it takes the live one's place. Every step can be repeated after
 * a crash. A reader of the live name sees the old rows or the new ones, never a mixture: `EXCHANGE TABLES` is atomic.
 */
export class Generations {
  private readonly client: ClickHouseClient
  private readonly cluster: ClusterLayout | undefined

  constructor(client: ClickHouseClient, cluster?: ClusterLayout) {
    this.client = client
    this.cluster = cluster
  }

  /** Where statements that change tables run. Throws where tables are sharded: exchanging those is not built. */
  private get on(): string {
    if (this.cluster?.sharded === true)
      throw new KappaError(
        'CONFIG_INVALID',
        'changing generations on a sharded cluster: only replicated tables can be promoted',
      )
    return onCluster(this.cluster)
  }

  /** Makes the generation's table whole: outside the replayed range its rows are the live table's. */
  async copyOutside(topic: AnyTopic, generation: number, range: ReplayedRange): Promise<void> {
    const [live, own] = [tableFor(topic, undefined), tableFor(topic, generation)]
    const columns = [...own.fields, ...own.engineColumns].map(({ name }) => `\`${name}\``).join(', ')
    const doing = `copying rows outside the replayed range into ${nameOf(own)}`
    await this.run(`ALTER TABLE ${nameOf(own)}${this.on} DELETE WHERE NOT ${within(topic, range)}`, range, doing, {
      mutations_sync: '2',
    })
    await this.run(
      `INSERT INTO ${nameOf(own)} (${columns}) SELECT ${columns} FROM ${nameOf(live)} WHERE NOT ${within(topic, range)}`,
      range,
      doing,
      // Not a cut: the same rows copied again after a rollback are no repetition.
      { insert_deduplicate: 0, max_partitions_per_insert_block: '0' },
    )
  }

  /** Which generation the live name shows: 1 until another took its place. */
  async shown(topic: AnyTopic): Promise<number> {
    return this.generationOf(tableFor(topic, undefined))
  }

  /**
   * The generation's table takes the live name, and the live one its. The tables carry in their comments which they are, so
   * exchanging again changes nothing. Back: `rollback`.
   */
  async exchange(topic: AnyTopic, generation: number): Promise<void> {
    const [live, own] = [tableFor(topic, undefined), tableFor(topic, generation)]
    if ((await this.generationOf(live)) === generation) return
    const doing = `exchanging ${nameOf(live)} and ${nameOf(own)}`
    const comment = `${topic.contract.doc} ${markOf(generation)}`
    await this.run(
      `ALTER TABLE ${nameOf(own)}${this.on} MODIFY COMMENT '${comment.replace(/[\\']/g, '\\$&')}'`,
      undefined,
      doing,
    )
    await this.run(`EXCHANGE TABLES ${nameOf(live)} AND ${nameOf(own)}${this.on}`, undefined, doing)
  }

  /** Takes `exchange` back; changes nothing where the live name does not show the generation. */
  async rollback(topic: AnyTopic, generation: number): Promise<void> {
    const [live, own] = [tableFor(topic, undefined), tableFor(topic, generation)]
    if ((await this.generationOf(live)) !== generation) return
    await this.run(
      `EXCHANGE TABLES ${nameOf(live)} AND ${nameOf(own)}${this.on}`,
      undefined,
      `exchanging ${nameOf(live)} back`,
    )
  }

  /** Copies the live table's rows that cuts brought from these positions on into the other table: before a rollback. */
  async copySince(topic: AnyTopic, generation: number, positions: Readonly<Record<number, number>>): Promise<void> {
    const [live, other] = [tableFor(topic, undefined), tableFor(topic, generation)]
    const columns = [...live.fields, ...live.engineColumns].map(({ name }) => `\`${name}\``).join(', ')
    const since = Object.entries(positions)
      .map(([partition, offset]) => `(_partition = ${Number(partition)} AND _offset >= ${Number(offset)})`)
      .join(' OR ')
    const doing = `copying rows of ${nameOf(live)} that came since the switch`
    const condition = `_topic = '${topic.name}' AND (${since === '' ? '0' : since})`
    await this.run(`ALTER TABLE ${nameOf(other)}${this.on} DELETE WHERE ${condition}`, undefined, doing, {
      mutations_sync: '2',
    })
    await this.run(
      `INSERT INTO ${nameOf(other)} (${columns}) SELECT ${columns} FROM ${nameOf(live)} WHERE ${condition}`,
      undefined,
      doing,
      { insert_deduplicate: 0, max_partitions_per_insert_block: '0' },
    )
  }

  /** Rows of the range by identity, field by field; where a row was replaced, its latest. */
  async compare(topic: AnyTopic, generation: number, range: ReplayedRange): Promise<Comparison> {
    const [live, own] = [tableFor(topic, undefined), tableFor(topic, generation)]
    const identity = identityOf(topic)
    const fields = own.fields.map(({ name }) => name)
    const texts = (names: readonly string[]): string =>
      `[${names.map((name) => `ifNull(toString(\`${name}\`), '\\\\N')`).join(', ')}]`
    const side = (table: Table, replayed: number): string =>
      `SELECT ${replayed} AS replayed, ${texts(identity)} AS id, ${texts(fields)} AS row FROM ${nameOf(table)}${table.upserts ? ' FINAL' : ''} WHERE ${within(topic, range)}`
    const query = `
      SELECT id, countIf(replayed = 0) AS lives, countIf(replayed = 1) AS replays,
             anyIf(row, replayed = 0) AS live, anyIf(row, replayed = 1) AS replay,
             lives = replays AND uniqExact(row) = 1 AS equal
      FROM (${side(live, 0)} UNION ALL ${side(own, 1)}) GROUP BY id`
    const counted = ['1', 'NOT equal', 'replays = 0', 'lives = 0']
    const unlike = fields.map((_, i) => `lives > 0 AND replays > 0 AND live[${i + 1}] != replay[${i + 1}]`)
    try {
      const counts = await this.client.query({
        query: `SELECT ${[...counted, ...unlike].map((what) => `toUInt32(countIf(${what}))`).join(', ')} FROM (${query})`,
        query_params: paramsOf(range),
        format: 'JSONCompactEachRow',
      })
      const [[compared = 0, differing = 0, onlyLive = 0, onlyReplayed = 0, ...byField] = []] =
        await counts.json<number[]>()
      if (differing === 0) return { compared, differing, rows: [] }
      const answer = await this.client.query({
        query: `SELECT id, toUInt32(lives), toUInt32(replays), live, replay FROM (${query}) WHERE NOT equal ORDER BY id LIMIT ${SHOWN}`,
        query_params: paramsOf(range),
        format: 'JSONCompactEachRow',
      })
      const rows = (await answer.json<[string[], number, number, string[], string[]]>()).map(
        ([id, lives, replays, liveRow, replayRow]) => ({
          identity: named(identity, id),
          live: lives === 0 ? null : named(fields, liveRow),
          replayed: replays === 0 ? null : named(fields, replayRow),
        }),
      )
      const columns = Object.fromEntries(
        fields.flatMap((name, i) => ((byField[i] ?? 0) > 0 ? [[name, byField[i] ?? 0]] : [])),
      )
      return { compared, differing, breakdown: { onlyLive, onlyReplayed, columns }, rows }
    } catch (thrown) {
      throw translated(thrown, `comparing ${nameOf(live)} with ${nameOf(own)}`)
    }
  }

  /** The same window by window, in sums. */
  async diff(topic: AnyTopic, generation: number, options: DiffOptions): Promise<WindowDiff> {
    return await diffWindows(this.client, topic, generation, options)
  }

  /** Removes the table that stands beside the live one. */
  async drop(topic: AnyTopic, generation: number): Promise<void> {
    const own = tableFor(topic, generation)
    await this.run(`DROP TABLE IF EXISTS ${nameOf(own)} SYNC`, undefined, `dropping ${nameOf(own)}`)
  }

  private async generationOf(table: Table): Promise<number> {
    const doing = `reading the comment of ${nameOf(table)}`
    try {
      const answer = await this.client.query({
        query: 'SELECT comment FROM system.tables WHERE database = {database:String} AND name = {name:String}',
        query_params: { database: table.database, name: table.name },
        format: 'JSONEachRow',
      })
      const [row] = await answer.json<{ comment: string }>()
      if (row === undefined) throw new KappaError('STORE', `${doing}: there is no such table`)
      return Number(/\(generation (\d+)\)$/.exec(row.comment)?.[1] ?? 1)
    } catch (thrown) {
      throw translated(thrown, doing)
    }
  }

  private async run(
    query: string,
    range: ReplayedRange | undefined,
    doing: string,
    settings: Record<string, string | number> = {},
  ): Promise<void> {
    try {
      await this.client.command({
        query,
        ...(range === undefined ? {} : { query_params: paramsOf(range) }),
        clickhouse_settings: settings,
      })
    } catch (thrown) {
      throw translated(thrown, doing)
    }
  }
}

const markOf = (generation: number): string => `(generation ${generation})`

/** Fields that identify a row: the contract's, or all of them where it names none. */
function identityOf({ contract }: AnyTopic): readonly string[] {
  return contract.topic.id.length > 0 ? contract.topic.id : contract.fields.map(({ name }) => name)
}

const named = (names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']))
