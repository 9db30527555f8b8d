import { KappaError } from '#engine/errors'
import { incompatibility } from './compatibility.ts'
import type { AnyTopic, Contract, Registry } from './contract.ts'
import { parseContract } from './parse.ts'
import { topicOf } from './topic.ts'

/**
 * Follows a topic's contract as its records come: where a producer began to write a later version than this process was
 * built with, the later one's fields are read too, so that none is dropped on the way to a store. Fields that it took away
 * stay, with their defaults, because older records have them.
 */
export class Evolution {
  private topic: AnyTopic
  private readonly registry: Registry
  private latest: number | undefined
  private readonly seen = new Set<number>()

  constructor(topic: AnyTopic, registry: Registry) {
    this.topic = topic
    this.registry = registry
  }

  /**
   * The topic by which values of these schemas, and of all before, are read. Throws SCHEMA_INCOMPATIBLE naming the field
   * where a later schema of the topic breaks what was written; an id that is no schema of the topic's changes nothing (its
   * records are refused one by one).
   */
  async follow(schemaIds: readonly number[]): Promise<AnyTopic> {
    for (const id of [...schemaIds].sort((a, b) => a - b)) {
      if (this.seen.has(id)) continue
      this.latest ??= await this.ownId()
      if (id > this.latest) await this.take(id)
      this.seen.add(id)
    }
    return this.topic
  }

  /** Nothing is later than a contract that is not registered. */
  private async ownId(): Promise<number> {
    try {
      return await this.registry.idOf(this.topic)
    } catch (thrown) {
      if (thrown instanceof KappaError && thrown.code === 'STATE_MISMATCH') return Number.POSITIVE_INFINITY
      throw thrown
    }
  }

  private async take(id: number): Promise<void> {
    const contract = await this.registry.contractOf(id)
    if (contract === undefined || contract.topic.name !== this.topic.contract.topic.name) return
    const reason = incompatibility(contract, [this.topic.contract])
    if (reason !== undefined)
      throw new KappaError(
        'SCHEMA_INCOMPATIBLE',
        `reading ${this.topic.name} from schema ${id} on: ${reason}. Give the change a topic version of its own, or start again with a contract that reads both`,
      )
    this.topic = topicOf(withKept(contract, this.topic.contract))
    this.latest = id
  }
}

/** The later contract with the fields that it took away. */
function withKept(later: Contract, before: Contract): Contract {
  const names = new Set(later.fields.map(({ name }) => name))
  const [next, old] = [later, before].map(({ avro }) => JSON.parse(avro) as { fields: { name: string }[] })
  const kept = old?.fields.filter(({ name }) => !names.has(name)) ?? []
  if (next === undefined || kept.length === 0) return later
  return parseContract({ ...next, fields: [...next.fields, ...kept] })
}
