import type { LaneStep } from '#engine/delivery'
import type { CommitFault } from '#engine/testing'
import type { Random } from '../crash/random.ts'

export const storeNames = ['clickhouse', 's3'] as const
export type StoreName = (typeof storeNames)[number]

/**
 * How a request that changes a store ends: `refused` before it does anything · `answer lost` after it was applied · `late`:
 * the client hears of a broken connection, and the request arrives afterwards all the same · `in part`: the store dies
 * between two partitions of an insert (an object is all or nothing, so there it is as `refused`).
 */
export type StoreFault = 'refused' | 'answer lost' | 'late' | 'in part'

/** What is done to sink processes, the broker or a store. Processes are named by a number, taken modulo those that live. */
export type Blow =
  | { readonly kind: 'kill' | 'remove'; readonly process: number }
  | { readonly kind: 'stop'; readonly process: number; readonly forMs: number }
  /** The process dies, or is stopped, when one of its lanes comes to this step the `nth` time. */
  | {
      readonly kind: 'strike'
      readonly process: number
      readonly step: LaneStep
      readonly nth: number
      readonly stopForMs: number | undefined
    }
  /** More processes of both sinks come at once: each takes the lanes from the others. */
  | { readonly kind: 'storm'; readonly count: number }
  | { readonly kind: 'outage'; readonly forMs: number }
  | { readonly kind: 'slow'; readonly forMs: number; readonly mostMs: number }
  | { readonly kind: 'commits end'; readonly how: readonly CommitFault[] }
  | { readonly kind: 'expire' }
  /** Connections are refused, or taken and not answered until it is over. */
  | { readonly kind: 'store away'; readonly store: StoreName; readonly forMs: number; readonly hangs: boolean }
  | { readonly kind: 'store slow'; readonly store: StoreName; readonly forMs: number; readonly mostMs: number }
  | { readonly kind: 'store fails'; readonly store: StoreName; readonly how: readonly StoreFault[] }
  /** Kafka forgets what S3 has and ClickHouse has decided about. */
  | { readonly kind: 'retention' }

/** A piece of the run: so many records, then what is done, then so long until the next. */
export interface Scene {
  readonly records: number
  readonly blows: readonly Blow[]
  readonly waitMs: number
  /** Before it everything comes to rest; then the sales' topic is removed and made anew. */
  readonly madeAnew: boolean
  /** At its end tokens are pushed out of the windows. */
  readonly overflow: boolean
}

/** A whole run, made from its seed alone. */
export interface Script {
  readonly seed: number
  readonly partitions: number
  readonly lanes: number
  readonly rows: number
  readonly ageMs: number
  /**
   * Now and then others' inserts push all tokens out of every table's window, while no sink process runs. In such runs no
   * request arrives late, and who is stopped is stopped for longer than a lease: a window has to hold for as long as a
   * request of an earlier owner may be on its way, and that no suite can disprove.
   */
  readonly overflows: boolean
  readonly scenes: readonly Scene[]
}

const STEPS: readonly LaneStep[] = [1, 2, 3, 3.5, 4, 4.5]
const COMMITS: readonly CommitFault[] = ['aborted', 'unknown', 'unreachable', 'straggling']
/** Longer than a lane's lease. */
const BEYOND_LEASE_MS = [40_000, 70_000]

export function scriptOf(seed: number, random: Random): Script {
  const small = random.chance(0.4)
  const count = random.between(3, 9)
  const anew = random.chance(0.15) ? random.between(1, count - 1) : -1
  return {
    seed,
    partitions: random.between(1, 4),
    lanes: random.between(1, 3),
    rows: random.pick([4, 25, 200]),
    ageMs: random.pick([60, 300, 1_500]),
    overflows: small,
    scenes: Array.from({ length: count }, (_, scene) => ({
      records: random.between(5, 60),
      blows: Array.from({ length: random.pick([1, 1, 2, 3]) }, () => blowOf(random, small)),
      waitMs: random.pick([0, 50, 300, 1_000, 4_000]),
      madeAnew: scene === anew,
      overflow: small && random.chance(0.6),
    })),
  }
}

function blowOf(random: Random, small: boolean): Blow {
  const process = random.between(0, 99)
  const store = random.pick(['clickhouse', 'clickhouse', 's3'] as const)
  const shortly = random.pick([300, 2_000, 9_000])
  const stopped = small ? random.pick(BEYOND_LEASE_MS) : random.pick([...BEYOND_LEASE_MS, 500, 4_000, 15_000])
  const kind = random.pick([
    ...(['strike', 'strike', 'strike', 'strike', 'kill', 'stop', 'remove', 'storm', 'retention'] as const),
    ...(['outage', 'slow', 'commits end', 'commits end', 'expire'] as const),
    ...(['store away', 'store away', 'store slow', 'store fails', 'store fails', 'store fails'] as const),
  ])
  switch (kind) {
    case 'kill':
    case 'remove':
      return { kind, process }
    case 'stop':
      return { kind, process, forMs: stopped }
    case 'strike':
      return {
        kind,
        process,
        step: random.pick(STEPS),
        nth: random.between(1, 4),
        stopForMs: random.chance(0.35) ? stopped : undefined,
      }
    case 'storm':
      return { kind, count: random.between(1, 2) }
    case 'outage':
      return { kind, forMs: shortly }
    case 'slow':
      return { kind, forMs: shortly, mostMs: random.pick([50, 800, 5_000]) }
    case 'commits end':
      return { kind, how: Array.from({ length: random.between(1, 3) }, () => random.pick(COMMITS)) }
    case 'store away':
      return { kind, store, forMs: random.pick([1_000, 8_000, 60_000]), hangs: !small && random.chance(0.4) }
    case 'store slow':
      return { kind, store, forMs: shortly, mostMs: random.pick([100, 1_500, 6_000]) }
    case 'store fails': {
      const faults: readonly StoreFault[] = [
        'refused',
        'answer lost',
        'answer lost',
        'in part',
        ...(small ? [] : ['late' as const]),
      ]
      return { kind, store, how: Array.from({ length: random.between(1, 3) }, () => random.pick(faults)) }
    }
    default:
      return { kind }
  }
}
