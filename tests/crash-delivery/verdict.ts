import { reasonOf } from '#engine/errors'

/** How one seed ended. */
export interface Verdict {
  readonly events: number
  /** How often a process, the broker or a store was struck. */
  readonly blows: number
  /** Rows, archived records and dead letters compared. */
  readonly compared: number
  /** The first difference from what was written; undefined where there is none. */
  readonly difference: string | undefined
}

export interface SeedResult extends Partial<Verdict> {
  readonly seed: number
  readonly broker: 'fake' | 'real'
  readonly ok: boolean
  readonly milliseconds: number
}

/** Runs a seed; what is thrown is a difference too. */
export async function resultOf(
  seed: number,
  broker: SeedResult['broker'],
  run: (seed: number) => Promise<Verdict>,
): Promise<SeedResult> {
  const began = performance.now()
  const took = () => Math.round(performance.now() - began)
  try {
    const verdict = await run(seed)
    return { seed, broker, ...verdict, ok: verdict.difference === undefined, milliseconds: took() }
  } catch (thrown) {
    return { seed, broker, ok: false, difference: reasonOf(thrown), milliseconds: took() }
  }
}

/** `ok delivery fake seed 17: 212 events, 9 blows, 1043 rows compared`, or what differs and how to see it again. */
export function lineOf({ seed, broker, ok, events, blows, compared, difference }: SeedResult): string {
  if (ok) return `ok delivery ${broker} seed ${seed}: ${events} events, ${blows} blows, ${compared} rows compared`
  return `not ok delivery ${broker} seed ${seed}: ${difference}\n  again: npm run crash -- --suite delivery --seed ${seed} --broker ${broker}`
}
