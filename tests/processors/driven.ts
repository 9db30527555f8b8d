import { compile } from '#engine/compile'
import type { KeyVault } from '#engine/governance'
import { names } from '#engine/runtime'
import { type AnyTopic, memoryRegistry, type Topic } from '#engine/schema'
import { type Driven, type DriveOptions, drive } from '#engine/testing'
import { joinsOf, type Plan } from '#engine/topology'

export interface DrivenPlan {
  readonly driven: Driven
  write<V>(topic: Topic<V>, values: Iterable<V>): void
  /** Works until everything written is done, then lets three days pass and works again, so that idle inputs close their windows. */
  settle(): Promise<void>
  /** Rows of the destination by partition and offset. */
  rows<V>(topic: Topic<V>): V[]
  /** Records that the processor could not take, or took too late. */
  refused(): number
}

/** A processor through the real task code on a fake broker. */
export async function drivenPlan(
  plan: Plan,
  options: DriveOptions & { readonly vault?: KeyVault } = {},
): Promise<DrivenPlan> {
  const { vault, ...driving } = options
  const registry = memoryRegistry()
  const sources: AnyTopic[] = [
    ...plan.inputs.map(({ topic }) => topic),
    ...joinsOf(plan).map(({ table }) => table.topic),
  ]
  const schemaIds = new Map<string, number>()
  for (const topic of [...sources, plan.destination]) schemaIds.set(topic.name, await registry.register(topic))
  const driven = await drive(
    {
      app: 'test',
      processor: plan.name,
      generation: 1,
      stages: compile(plan),
      results: [plan.destination.name],
      schemaIds,
      registry,
      ...(vault ? { vault } : {}),
    },
    driving,
  )
  const { deployment, clock } = driven
  return {
    driven,
    write(topic, values) {
      const id = schemaIds.get(topic.name) ?? 0
      for (const value of values)
        driven.write({ topic: topic.name, key: Buffer.from(topic.keyOf(value)), value: topic.frame(id, value) })
    },
    async settle() {
      await driven.run()
      clock.advance(3 * 86_400_000)
      await driven.run()
      await driven.run()
    },
    rows: (topic) => driven.read(topic.name).map(({ value }) => topic.decode((value ?? Buffer.alloc(5)).subarray(5))),
    refused: () => driven.read(names.late(deployment)).length + driven.read(names.deadLetter(deployment)).length,
  }
}

/** Rows in an order that depends on their values alone. */
export const sorted = <R extends object>(rows: readonly R[]): R[] =>
  rows
    .map((row) => ({ row, text: textOf(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ row }) => row)

const textOf = (row: object): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('|')
