import type { Contract } from '../contract.ts'

/** The parts of `shop.revenue-per-minute.v1`. */
export interface TopicName {
  readonly domain: string
  readonly facts: string
  readonly version: number
}

/** Parts of a contract's topic name, whose form the parser has checked. */
export function partsOf(topic: string): TopicName {
  const [domain = '', facts = '', version = 'v0'] = topic.split('.')
  return { domain, facts, version: Number(version.slice(1)) }
}

/** `revenuePerMinute`: the handle's name in TypeScript. From version 2 on the version is part of it. */
export function handleName(contract: Contract): string {
  const { facts, version } = partsOf(contract.topic.name)
  const camel = facts.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return version === 1 ? camel : `${camel}V${version}`
}

/** `Purchase`: the value type's name in TypeScript. */
export function valueName(contract: Contract): string {
  const { version } = partsOf(contract.topic.name)
  return version === 1 ? contract.record : `${contract.record}V${version}`
}
