import type { KafkaRecord } from '#engine/broker'
import { type Deployment, names } from '#engine/runtime'
import { endOf } from './script.ts'
import type { Built } from './topologies/index.ts'

/** What a run left behind, in the terms in which two runs are equal. */
export interface Outcome {
  /** Per output partition and key the sequence of values; hexadecimal. */
  readonly results: ReadonlyMap<string, readonly string[]>
  readonly late: readonly string[]
  readonly dead: readonly string[]
  /** Records of all three. */
  readonly size: number
}

export type ReadTopic = (topic: string) => Promise<readonly KafkaRecord[]>

export async function outcomeOf(built: Built, deployment: Deployment, read: ReadTopic): Promise<Outcome> {
  const results = new Map<string, string[]>()
  let size = 0
  for (const contract of deployment.results) {
    for (const record of await read(names.result(deployment, contract))) {
      if (isLast(built, record)) continue
      const place = `${record.partition}/${record.key ?? ''}`
      const sequence = results.get(place) ?? []
      results.set(place, sequence)
      sequence.push(hex(record.value))
      size++
    }
  }
  const late = (await read(names.late(deployment))).map(aside).sort()
  const dead = (await read(names.deadLetter(deployment))).map(aside).sort()
  return { results, late, dead, size: size + late.length + dead.length }
}

const hex = (value: Buffer | null): string => value?.toString('hex') ?? 'nothing'

/** Windows of the events that end a run may be open or closed when it is looked at: wall time decides. */
function isLast({ plan, topology }: Built, { key, value }: KafkaRecord): boolean {
  if (value === null) return String(key).includes('last-')
  const row = plan.destination.decode(value.subarray(5)) as Record<string, unknown>
  return Number(row[plan.destination.contract.topic.time]) > endOf(topology)
}

/** A late or dead record with what is said of it; when it was written is no part of it, nor the calls that led to a throw. */
function aside({ partition, key, value, headers }: KafkaRecord): string {
  const said = Object.entries(headers ?? {}).filter(([name]) => name !== 'timestamp')
  return [partition, key, hex(value), ...said.map(([name, fact]) => `${name}=${String(fact).split('\n')[0]}`)].join(' ')
}

/** The first difference between two outcomes in words; undefined where they are equal. */
export function difference(built: Built, expected: Outcome, found: Outcome): string | undefined {
  const shown = (value: string | undefined): string => {
    if (value === undefined || value === 'nothing') return 'nothing'
    const row: unknown = built.plan.destination.decode(Buffer.from(value, 'hex').subarray(5))
    return JSON.stringify(row, (_name, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
  }
  for (const place of [...new Set([...expected.results.keys(), ...found.results.keys()])].sort()) {
    const [wanted = [], got = []] = [expected.results.get(place), found.results.get(place)]
    const at = Array.from({ length: Math.max(wanted.length, got.length) }).findIndex((_, n) => wanted[n] !== got[n])
    if (at >= 0) return `results ${place}, value ${at + 1}: ${shown(got[at])} instead of ${shown(wanted[at])}`
  }
  for (const kind of ['late', 'dead'] as const) {
    const at = expected[kind].findIndex((one, n) => one !== found[kind][n])
    if (at >= 0 || expected[kind].length !== found[kind].length)
      return `${kind}: ${found[kind].length} of ${expected[kind].length}, first '${found[kind].at(at)}' instead of '${expected[kind].at(at)}'`
  }
  return undefined
}
