import { KappaError } from '#engine/errors'
import type { GenerationRecord } from './generations.ts'

/** The generation that is in force before anything was promoted. */
export const FIRST_GENERATION = 1

/** Which generation of a processor runs, and whether a switch holds it meanwhile. */
export interface InForce {
  readonly generation: number
  /** How the generation began; undefined for the first, which no replay made. */
  readonly started: GenerationRecord | undefined
  readonly hold: Hold | undefined
}

/** No task of the processor may be taken over, but those that only finish what is under way. */
export interface Hold {
  /** The generation that is being promoted, or rolled back. */
  readonly by: number
  /** The tasks that read sources are held; those behind a re-key still finish what they have. */
  readonly draining: boolean
  /** Which record of the log it is: a switch that was let go and begun again has another. */
  readonly since: number
}

/** What the log says at its end; a switch counts when everything that follows it is done. */
export function inForceOf(records: readonly GenerationRecord[], processor: string): InForce {
  let generation = FIRST_GENERATION
  let hold: Hold | undefined
  for (const [since, record] of records.entries()) {
    if (record.processor !== processor || record.live !== true) continue
    switch (record.decision) {
      case 'holding':
        hold = { by: record.generation, draining: record.draining === true, since }
        break
      case 'released':
      case 'cancelled':
        if (hold?.by === record.generation) hold = undefined
        break
      case 'settled':
        hold = undefined
        generation = record.report?.after === 'promoted' ? record.generation : (record.replaces ?? FIRST_GENERATION)
        break
      default:
    }
  }
  const started = records.find(
    (record) =>
      record.processor === processor &&
      record.generation === generation &&
      record.decision === 'started' &&
      record.live,
  )
  return { generation, started, hold }
}

/**
 * Throws BLOCKED where a task may not be run: retriable while a switch holds the processor, final where another generation
 * is in force. To be asked behind the initialisation of the task's producer: a switch writes its decision first and
 * initialises every producer then, so either it is seen here, or it fences the task.
 */
export function expectMayRun(
  { generation: inForce, hold }: InForce,
  of: { readonly processor: string; readonly generation: number },
  readsSource: boolean,
): void {
  const { processor, generation } = of
  const doing = `running ${processor} v${generation}`
  if (hold !== undefined && (readsSource || !hold.draining)) {
    const ways = `kappa replay promote or rollback ${processor} v${hold.by} ends that, kappa replay cancel gives a promotion up`
    throw new KappaError('BLOCKED', `${doing}: the switch of v${hold.by} holds it; ${ways}`, { retriable: true })
  }
  if (generation !== inForce)
    throw new KappaError('BLOCKED', `${doing}: v${inForce} is in force now (kappa replay status ${processor})`)
}
