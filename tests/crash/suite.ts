import { reasonOf } from '#engine/errors'

/** Where a seed runs: in this process on parts in memory, or on real services with processes of their own. */
export type Where = 'fake' | 'real'

/** How one seed ended. */
export interface Verdict {
  readonly events: number
  /** How often something was struck. */
  readonly blows: number
  /** Records or rows compared. */
  readonly results: number
  /** The first difference from what an undisturbed run leaves behind; undefined where there is none. */
  readonly difference: string | undefined
}

export interface SeedResult extends Partial<Verdict> {
  readonly suite: string
  readonly seed: number
  readonly broker: Where
  /** What the seed ran over, and how: a topology, a sink, options. */
  readonly subject: string
  readonly ok: boolean
  readonly milliseconds: number
}

/** What may be chosen on the command line; a suite that knows no such choice ignores it. */
export interface Choices {
  /** Who fetches on a real broker; absent: each seed chooses. */
  readonly fetching?: 'lean' | 'librdkafka'
  /** How often each part is killed. */
  readonly kills?: number
}

/** Opened for one place; seeds run one after the other. */
export interface Runs {
  run(seed: number, signal: AbortSignal): Promise<SeedResult>
  /** Leaves no process and no file behind. */
  close(): Promise<void>
}

/** A set of seeded runs whose end must equal that of an undisturbed one. */
export interface Suite {
  readonly name: string
  /** One line for `--help`. */
  readonly about: string
  /** Set where it has so many scenarios in place of seeds, all of them on real services. */
  readonly scenarios?: number
  open(where: Where, choices: Choices): Promise<Runs>
}

type Place = Pick<SeedResult, 'suite' | 'seed' | 'broker' | 'subject'>

/** Runs a seed; what is thrown is a difference too. */
export async function resultOf(place: Place, run: () => Promise<Verdict>): Promise<SeedResult> {
  const began = performance.now()
  const took = () => Math.round(performance.now() - began)
  try {
    const verdict = await run()
    return { ...place, ...verdict, ok: verdict.difference === undefined, milliseconds: took() }
  } catch (thrown) {
    return { ...place, ok: false, difference: reasonOf(thrown), milliseconds: took() }
  }
}

/** `ok engine fake seed 17: session, 412 events, 9 blows, 80 results`, or what differs and how to see it again. */
export function lineOf({ suite, seed, broker, subject, ok, events, blows, results, difference }: SeedResult): string {
  if (ok) return `ok ${suite} ${broker} seed ${seed}: ${subject}, ${events} events, ${blows} blows, ${results} results`
  const again = `npm run crash -- --suite ${suite} --seed ${seed} --broker ${broker}`
  return `not ok ${suite} ${broker} seed ${seed}: ${subject}: ${difference}\n  again: ${again}`
}
