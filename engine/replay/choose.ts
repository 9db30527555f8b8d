import { KappaError } from '#engine/errors'
import {
  type Generation,
  type GenerationRecord,
  generationsOf,
  nextGeneration,
  phaseOf,
  type ReplayRequest,
} from './generations.ts'

/** Either a replay that goes on where it stopped, or the number of a new generation. */
export type Chosen =
  | { readonly kind: 'resume'; readonly generation: Generation }
  | { readonly kind: 'new'; readonly generation: number }

/**
 * Which generation a request runs as. An unfinished replay of the same request is resumed. Throws BLOCKED where a finished
 * one waits for a decision or another one holds the range, STATE_MISMATCH where the code changed since it began.
 * @param into the number an operator named (`--into v2`)
 */
export function chooseGeneration(
  records: readonly GenerationRecord[],
  request: ReplayRequest,
  into: number | undefined,
): Chosen {
  const { processor, topic } = request
  const all = generationsOf(records, processor)
  const doing = `replaying ${processor}`
  const named = into === undefined ? undefined : all.find(({ started }) => started.generation === into)
  if (named !== undefined && !isSame(named.started, request))
    throw new KappaError(
      'CONFIG_INVALID',
      `${doing}: v${into} is a replay of another range or key; name another one (--into v${nextGeneration(records, processor, topic)})`,
    )
  const same =
    named ?? (into === undefined ? all.findLast((one) => isOpen(one) && isSame(one.started, request)) : undefined)
  if (same !== undefined) return resumed(same, request, records, named !== undefined)
  const holder = all.find(
    (one) => phaseOf(one) === 'unfinished' && one.started.from < request.to && request.from < one.started.to,
  )
  if (holder !== undefined) {
    const { generation } = holder.started
    throw new KappaError(
      'BLOCKED',
      `${doing}: v${generation} is unfinished and holds an overlapping range; resume it with its own --from and --to, or kappa replay cancel ${processor} v${generation}`,
    )
  }
  const next = nextGeneration(records, processor, topic)
  if (into !== undefined && into < next)
    throw new KappaError('CONFIG_INVALID', `reading --into v${into}: generations only rise; the next is v${next}`)
  return { kind: 'new', generation: into ?? next }
}

function resumed(
  same: Generation,
  request: ReplayRequest,
  records: readonly GenerationRecord[],
  isNamed: boolean,
): Chosen {
  const { generation, processor, topic, version } = same.started
  const doing = `replaying ${processor}`
  const phase = phaseOf(same)
  if (phase !== 'unfinished')
    throw new KappaError(
      // Named, it is a generation that exists; else a decision about the range is waited for.
      isNamed ? 'CONFIG_INVALID' : 'BLOCKED',
      `${doing}: v${generation} of this range is ${phase}; kappa replay verify, promote or cancel ${processor} v${generation}, or replay it again (--into v${nextGeneration(records, processor, topic)})`,
    )
  if (version !== request.version)
    throw new KappaError(
      'STATE_MISMATCH',
      `${doing}: its code changed since v${generation} began; kappa replay cancel ${processor} v${generation}, then begin anew`,
    )
  return { kind: 'resume', generation: same }
}

const isSame = (started: GenerationRecord, { from, to, key }: ReplayRequest): boolean =>
  started.from === from && started.to === to && started.key?.field === key?.field && started.key?.value === key?.value

/** Waits for something: to be run on, or to be decided about. */
const isOpen = (generation: Generation): boolean => ['unfinished', 'finished'].includes(phaseOf(generation))
