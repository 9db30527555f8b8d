import { reasonOf } from '#engine/errors'
import { type Topology, topologies } from './topologies/index.ts'

/** How one seed ended. */
export interface Verdict {
  readonly events: number
  /** How often workers or the broker were struck. */
  readonly blows: number
  /** Records compared. */
  readonly results: number
  /** The first difference from an undisturbed run; undefined where there is none. */
  readonly difference: string | undefined
}

export interface SeedResult extends Partial<Verdict> {
  readonly seed: number
  readonly broker: 'fake' | 'real'
  readonly topology: string
  readonly ok: boolean
  readonly milliseconds: number
}

/** Seeds take the topologies in turn. */
export const topologyOf = (seed: number): Topology => topologies[seed % topologies.length] as Topology

/** Runs a seed; what is thrown is a difference too. */
export async function resultOf(
  seed: number,
  broker: SeedResult['broker'],
  run: (seed: number, topology: Topology) => Promise<Verdict>,
): Promise<SeedResult> {
  const began = performance.now()
  const topology = topologyOf(seed)
  const place = { seed, broker, topology: topology.name }
  const took = () => Math.round(performance.now() - began)
  try {
    const verdict = await run(seed, topology)
    return { ...place, ...verdict, ok: verdict.difference === undefined, milliseconds: took() }
  } catch (thrown) {
    return { ...place, ok: false, difference: reasonOf(thrown), milliseconds: took() }
  }
}

/** `ok engine fake seed 17: session, 412 events, 9 crashes`, or what differs and how to see it again. */
export function lineOf({ seed, broker, topology, ok, events, blows, results, difference }: SeedResult): string {
  if (ok) return `ok engine ${broker} seed ${seed}: ${topology}, ${events} events, ${blows} blows, ${results} results`
  const again = `npm run crash -- --suite engine --seed ${seed} --broker ${broker}`
  return `not ok engine ${broker} seed ${seed}: ${topology}: ${difference}\n  again: ${again}`
}
