import type { KafkaRecord } from '#engine/broker'
import { compile } from '#engine/compile'
import { memoryRegistry, type Topic, topic } from '#engine/schema'
import { processor } from '#engine/topology'
import { asserted, type Case, Mismatch, same, Unsupported } from './cases.ts'

/** Merge order: each partition of the case is an input of one stage; slices are what the case polls. */
interface Event {
  readonly key: string
  readonly at: number
}
const made = (name: string): Topic<Event> =>
  topic({
    type: 'record',
    name: 'Event',
    namespace: 'conformance',
    doc: 'A conformance case.',
    topic: { name, kind: 'facts', key: 'key', time: 'at', id: [], partitions: 1, retention: 'forever', owner: 'tests' },
    fields: [
      { name: 'key', type: 'string', doc: 'Partition and number.' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'Event time.' },
    ],
  })

export async function runOrderCase(test: Case): Promise<void> {
  const partitions = [...new Set(test.input.flatMap(({ add }) => (add === undefined ? [] : [add])))].sort(
    (a, b) => a - b,
  )
  const inputs = partitions.map((partition) => made(`conformance.p${partition}.v1`))
  const destination = made('conformance.merged.v1')
  const plan = processor('merged', ({ from, merge }) => {
    const [first, ...others] = inputs.map((one) => from(one))
    if (!first) throw new Unsupported('a merge of nothing')
    return merge(first, ...others).to(destination)
  })
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const one of [...inputs, destination]) schemaIds.set(one.name, await registry.register(one))
  const stage = compile(plan)[0]?.open({ partition: 0, partitions: 1, generation: 1, schemaIds, registry })
  if (!stage) throw new Unsupported('a plan without stages')
  const buffers: KafkaRecord[][] = partitions.map(() => [])
  const got: { partition: number; ts: number; streamTime: number }[] = []
  let offset = 0
  for (const step of test.input) {
    if (step.add !== undefined && step.ts !== undefined) {
      const at = partitions.indexOf(step.add)
      const input = inputs[at]
      for (const ts of [step.ts].flat() as readonly number[]) {
        const value = input?.frame(schemaIds.get(input.name) ?? 0, { key: `${step.add}`, at: ts }) ?? null
        buffers[at]?.push({
          topic: input?.name ?? '',
          partition: 0,
          offset: offset++,
          timestamp: 0,
          key: null,
          value,
          headers: undefined,
        })
      }
    } else if (step.poll !== undefined) {
      for (let left = step.poll; left > 0; left--) {
        await stage.prepare(buffers)
        const next = headOf(
          stage.cut(
            buffers,
            buffers.map(() => false),
          ),
          buffers,
          stage.cut.bind(stage),
        )
        if (next === undefined) break
        const record = buffers[next]?.shift()
        stage.accept(buffers.map((_records, n) => (n === next && record ? [record] : [])))
        const [result] = stage.drain()
        const { key, at } = destination.decode((result?.value ?? Buffer.alloc(0)).subarray(5))
        got.push({ partition: Number(key), ts: at, streamTime: stage.streamTime })
      }
    } else throw new Unsupported(`an input ${JSON.stringify(step)}`)
  }
  const shown = asserted(test.expect, got)
  if (!same(test.expect, shown)) throw new Mismatch('order', test.expect, shown)
}

/** The input whose head the engine takes next: the one that alone is taken when it may still grow after its first record. */
function headOf(
  all: readonly number[],
  buffers: readonly (readonly KafkaRecord[])[],
  cut: (buffers: readonly (readonly KafkaRecord[])[], mayGrow: readonly boolean[]) => readonly number[],
): number | undefined {
  if (all.every((count) => count === 0)) return undefined
  const heads = buffers.map((records) => records.slice(0, 1))
  for (let n = 0; n < heads.length; n++) {
    // With only this input growing, the engine stops right after its head: it is first where nothing else was taken.
    const counts = cut(
      heads,
      heads.map((_records, input) => input === n),
    )
    if (counts[n] === 1 && counts.every((count, input) => input === n || count === 0)) return n
  }
  return undefined
}
