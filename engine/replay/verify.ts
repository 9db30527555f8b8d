import type { AnyTopic } from '#engine/schema'
import type { Clock } from '#engine/time'

/** Event time `[from, to)`, milliseconds. */
export interface EventTimeRange {
  readonly from: number
  readonly to: number
}

export interface RowDifference {
  /** Values of the identity's fields, as text. */
  readonly identity: Readonly<Record<string, string>>
  /** Null where one has no such row. */
  readonly live: Readonly<Record<string, string>> | null
  readonly replayed: Readonly<Record<string, string>> | null
}

export interface TableComparison {
  readonly compared: number
  readonly differing: number
  readonly rows: readonly RowDifference[]
}

/**
 * A store whose tables can take each other's place; `sinks/clickhouse` implements it. Every call can be repeated. After
 * `exchange` the table that was live stands where the generation's was, until `rollback`.
 */
export interface SwitchableTables {
  compare(topic: AnyTopic, generation: number, range: EventTimeRange): Promise<TableComparison>
  /** Outside the range the generation's rows become the live ones. Only before `exchange`. */
  copyOutside(topic: AnyTopic, generation: number, range: EventTimeRange): Promise<void>
  exchange(topic: AnyTopic, generation: number): Promise<void>
  rollback(topic: AnyTopic, generation: number): Promise<void>
  /** Rows that came to the live table from these offsets on (by partition) are copied to the one beside it. */
  copySince(topic: AnyTopic, generation: number, positions: Readonly<Record<number, number>>): Promise<void>
  /** The generation that the live name shows. */
  shown(topic: AnyTopic): Promise<number>
  drop(topic: AnyTopic, generation: number): Promise<void>
}

export interface ExplainedDifference extends RowDifference {
  readonly reason: string
}

export interface Verification {
  readonly compared: number
  readonly differing: number
  readonly rows: readonly ExplainedDifference[]
}

const SHOWN = 20
const PAUSE_MS = 1_000

/**
 * Compares a generation with the live table over its range, by identity and field by field. The live sink may be a moment
 * behind its topic: while rows are missing on the live side alone, it is waited for.
 * @param patienceMs how long
 */
export async function verifyReplay(
  tables: Pick<SwitchableTables, 'compare'>,
  topic: AnyTopic,
  generation: number,
  range: EventTimeRange,
  clock: Clock,
  patienceMs = 15_000,
): Promise<Verification> {
  const deadline = clock.now() + patienceMs
  for (;;) {
    const { compared, differing, rows } = await tables.compare(topic, generation, range)
    const behind = differing > 0 && rows.every(({ live }) => live === null)
    if (!behind || clock.now() >= deadline)
      return { compared, differing, rows: rows.slice(0, SHOWN).map((row) => ({ ...row, reason: reasonFor(row) })) }
    await clock.sleep(PAUSE_MS)
  }
}

function reasonFor({ live, replayed }: RowDifference): string {
  if (live === null) return 'the live table has no such row'
  if (replayed === null) return 'the replay made no such row'
  const names = Object.keys(live).filter((name) => live[name] !== replayed[name])
  if (names.length === 0) return 'there more than once'
  return names.map((name) => `${name}: live ${live[name]}, replayed ${replayed[name]}`).join('; ')
}
