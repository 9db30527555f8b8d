import { KappaError } from '#engine/errors'
import {
  type ChainLink,
  chainOf,
  type Generation,
  generationsOf,
  generationsOfChain,
  phaseOf,
  type ReplayRequest,
  type SwitchPart,
} from '#engine/replay'
import { processors } from '../../processors.ts'
import { table } from '../stack/table.ts'
import { replayable, type Session, switchOptions } from './session.ts'

/** The same clients, for another processor. */
export const sessionOf = (session: Session, name: string): Session => ({ ...session, processor: replayable(name) })

/** The chain that begins with the session's processor. Throws CONFIG_INVALID where it cannot be replayed together. */
export function chainFrom({ processor }: Session, asked: ReplayRequest): readonly ChainLink[] {
  const { name } = processor.plan
  const all = processors.map(({ plan }) => plan)
  const links = chainOf(all, processor.plan, asked)
  if (asked.live === true && links.length > 1)
    throw new KappaError(
      'CONFIG_INVALID',
      `replaying ${name}: --live takes one processor over, not what is downstream; promote it, then replay what reads it`,
    )
  if (asked.key !== undefined && links.length > 1)
    throw new KappaError(
      'CONFIG_INVALID',
      `replaying ${name}: what is downstream is made of more than ${asked.key.field}=${asked.key.value}; leave out --key or --downstream`,
    )
  for (const { plan } of links) replayable(plan.name)
  return links
}

/** The chain's first generation, where this range of it is unfinished or waits for a decision. */
export async function chainUnderWay(
  { log }: Session,
  { processor, from, to }: ReplayRequest,
  into: number | undefined,
): Promise<Generation | undefined> {
  return generationsOf(await log.all(), processor).findLast((one) => {
    const { started } = one
    const same = started.from === from && started.to === to && started.chain?.head === processor
    const open = phaseOf(one) === 'unfinished' || phaseOf(one) === 'finished'
    return same && open && (into === undefined || started.generation === into)
  })
}

export interface ChainPart {
  readonly session: Session
  readonly generation: Generation
}

/** What stands and falls with a generation: all of its chain, asked for by its first; itself, where it is of none. */
export async function chainParts(session: Session, generation: Generation): Promise<readonly ChainPart[]> {
  const { chain, processor } = generation.started
  if (chain === undefined) return [{ session, generation }]
  if (chain.head !== processor)
    throw new KappaError(
      'CONFIG_INVALID',
      `looking for ${processor} v${generation.started.generation}: it is decided about with ${chain.head} v${chain.generation}, whose results it reads; name that`,
    )
  return generationsOfChain(await session.log.all(), chain).map((one) => ({
    session: sessionOf(session, one.started.processor),
    generation: one,
  }))
}

/** The same, for a switch. Throws BLOCKED where a part of the chain was never run. */
export async function wholeChain(
  session: Session,
  generation: Generation,
  doing: string,
): Promise<readonly SwitchPart[]> {
  const parts = await chainParts(session, generation)
  const { chain, processor } = generation.started
  const links = chain === undefined ? [] : chainFrom(session, generation.started)
  const missing = links.filter(({ plan }) => !parts.some((part) => part.generation.started.processor === plan.name))
  if (missing.length > 0)
    throw new KappaError(
      'BLOCKED',
      `${doing} ${processor} v${chain?.generation}: ${missing.map(({ plan }) => plan.name).join(', ')} of its chain did not run yet; run it again with --downstream`,
    )
  return parts.map((part) => ({ options: switchOptions(part.session), generation: part.generation }))
}

/** The links of a chain: what each reads anew, and what it publishes for those behind it. */
export function chainText(links: readonly ChainLink[]): string {
  const time = (at: number): string => (at === 0 ? 'the beginning' : new Date(at).toISOString())
  const rows = links.map(({ plan, publishes, upstream }) => [
    plan.name,
    [...upstream.values()].join(', ') || '–',
    `${time(publishes.from)} to ${time(publishes.to)}`,
  ])
  return table(['chain', 'reads anew from', 'publishes'], rows)
}
