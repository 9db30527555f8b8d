import type { StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { layoutDifferences, layoutDigest, type StateLayout } from '#engine/topology'
import type { Deployment } from '../deployment.ts'
import type { LayoutStamp } from './changelog.ts'

type Of = Pick<Deployment, 'processor'>

/**
 * Throws STATE_MISMATCH where stored state has another layout than the stage: which parts, and the way out. State that was
 * written before layouts were kept passes, and is stamped by the next commit.
 */
export function expectLayout(of: Of, spec: StageSpec, stored: LayoutStamp | undefined): void {
  if (spec.layout === undefined || stored === undefined || stored.digest === layoutDigest(spec.layout)) return
  throw layoutRefusal(of, spec.name, stored.parts, spec.layout)
}

/** @param stored undefined where it is only known that it differs */
export function layoutRefusal(
  { processor }: Of,
  stage: string,
  stored: StateLayout | undefined,
  wanted: StateLayout,
): KappaError {
  const differences = stored === undefined ? [] : layoutDifferences(stored, wanted)
  const what = differences.length > 0 ? differences.join('; ') : 'it was laid out otherwise'
  return new KappaError(
    'STATE_MISMATCH',
    `starting ${processor} (${stage}): its stored state does not fit this version: ${what}. ` +
      'Run the version before, or let this one make state of its own and take over: ' +
      `kappa replay run ${processor} --from TIME --to now --live, then kappa replay verify and promote ${processor}`,
  )
}

/** What a task's commits say of their layout: its digest always, the whole where the log may not hold it yet. */
export class LayoutStamps {
  readonly #layout: StateLayout | undefined
  readonly #digest: string
  /** The changelog holds the parts; a snapshot, which may truncate them away, tells them again. */
  #told: boolean

  constructor(layout: StateLayout | undefined, stored: LayoutStamp | undefined) {
    this.#layout = layout
    this.#digest = layout === undefined ? '' : layoutDigest(layout)
    this.#told = stored?.parts !== undefined
  }

  /** A field of the commit's progress. A commit that fails ends its task, so what is told once is told. */
  next(snapshot: boolean): { readonly layout?: LayoutStamp } {
    if (this.#layout === undefined) return {}
    const whole = snapshot || !this.#told
    this.#told = true
    return { layout: { digest: this.#digest, ...(whole ? { parts: this.#layout } : {}) } }
  }
}
