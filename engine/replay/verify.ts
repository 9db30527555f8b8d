import type { AnyTopic } from '#engine/schema'
import type { Clock } from '#engine/time'
import type { ReplayKey } from './generations.ts'

/** Event time `[from, to)`, milliseconds; of one key, where one was asked for. */
export interface EventTimeRange {
  readonly from: number
  readonly to: number
  readonly key?: ReplayKey
}

export interface RowDifference {
  /** Values of the identity's fields, as text. */
  readonly identity: Readonly<Record<string, string>>
  /** Null where one has no such row. */
  readonly live: Readonly<Record<string, string>> | null
  readonly replayed: Readonly<Record<string, string>> | null
}

/** Differing rows, counted. */
export interface Breakdown {
  readonly onlyLive: number
  readonly onlyReplayed: number
  /** Rows that both have, by the columns in which they differ; a row counts for each. */
  readonly columns: Readonly<Record<string, number>>
}

export interface TableComparison {
  readonly compared: number
  readonly differing: number
  /** Where rows differ and the store counts them. */
  readonly breakdown?: Breakdown
  /** The first that differ. */
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
  readonly breakdown?: Breakdown
  /** How the code that was replayed is known to differ from the code that made the live rows; empty where it is not. */
  readonly reasons: readonly string[]
  readonly rows: readonly ExplainedDifference[]
}

export interface VerifyOptions {
  readonly tables: Pick<SwitchableTables, 'compare'>
  readonly topic: AnyTopic
  readonly generation: number
  readonly range: EventTimeRange
  readonly clock: Clock
  /** A generation that is to go live follows the one in force: runs it on to where that one stands. */
  readonly catchUp?: () => Promise<void>
  readonly reasons?: readonly string[]
  /** How long rows that only one side has are waited for. */
  readonly patienceMs?: number
}

const SHOWN = 20
const PAUSE_MS = 1_000

/**
 * Compares a generation with the live table over its range, by identity and field by field. The live sink may be a moment
 * behind its topic, and a replay behind what is live: while all that differs is that one of them has no such row yet, it is
 * waited for.
 */
export async function verifyReplay(options: VerifyOptions): Promise<Verification> {
  const { tables, topic, generation, range, clock, catchUp, reasons = [], patienceMs = 15_000 } = options
  const deadline = clock.now() + patienceMs
  for (;;) {
    await catchUp?.()
    const { compared, differing, breakdown, rows } = await tables.compare(topic, generation, range)
    const missing = ({ live, replayed }: RowDifference) => live === null || (catchUp !== undefined && replayed === null)
    if (differing === 0 || !rows.every(missing) || clock.now() >= deadline)
      return {
        compared,
        differing,
        reasons: differing === 0 ? [] : reasons,
        ...(breakdown === undefined ? {} : { breakdown }),
        rows: rows.slice(0, SHOWN).map((row) => ({ ...row, reason: reasonFor(row) })),
      }
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
