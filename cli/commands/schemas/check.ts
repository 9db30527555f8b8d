import { KappaError } from '#engine/errors'
import { type Contract, type Registry, topicOf } from '#engine/schema'

/** What the registry says to a contract: undefined where it is registered or could be, else the reason, naming the field. */
export interface Verdict {
  readonly topic: string
  readonly reason: string | undefined
}

/** Compares every contract with all versions that the registry holds of it. Registers nothing. */
export async function compareWithRegistry(
  contracts: readonly Contract[],
  registry: Registry,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const contract of contracts)
    verdicts.push({ topic: contract.topic.name, reason: await registry.check(topicOf(contract)) })
  return verdicts
}

/** Refuses (SCHEMA_INCOMPATIBLE) where one verdict is against, naming every topic and field. */
export function requireCompatible(verdicts: readonly Verdict[]): void {
  const against = verdicts.filter(({ reason }) => reason !== undefined)
  if (against.length === 0) return
  const list = against.map(({ topic, reason }) => `\n  ${topic}: ${reason}`).join('')
  throw new KappaError('SCHEMA_INCOMPATIBLE', `comparing contracts with the registry:${list}`)
}
