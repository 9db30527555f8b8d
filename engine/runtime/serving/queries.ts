import { type Position, partitionOf } from '#engine/broker'
import { keyText } from '#engine/schema'
import type { Deployment } from '../deployment.ts'
import type { Roster } from '../roster.ts'
import type { StageLoop } from '../stage/stage-loop.ts'

/** What is asked of a processor's state. */
export interface StateQuery {
  readonly processor: string
  /** The stage's name, with or without the processor's in front. */
  readonly stage: string
  /** The text of a key (`keyText`): its rows alone. Undefined: a listing of what this worker holds. */
  readonly key: string | undefined
  /** Rows at most. */
  readonly limit: number
}

/** Where a task's state stood when it was looked at; it may be ahead of what is committed. */
export interface StateAsOf {
  readonly partition: number
  /** Milliseconds; null before the first event. */
  readonly streamTime: number | null
  /** Per input the next offset to take: every record below it is in the state. */
  readonly positions: readonly Position[]
}

export type StateAnswer =
  | {
      readonly kind: 'rows'
      readonly body: {
        readonly processor: string
        readonly generation: number
        readonly stage: string
        readonly asOf: readonly StateAsOf[]
        /** Columns left out because they hold personal data. */
        readonly hidden: readonly string[]
        readonly rows: readonly Readonly<Record<string, unknown>>[]
        /** There are more rows than were asked for. */
        readonly more: boolean
      }
    }
  /** Another worker has the key. */
  | { readonly kind: 'elsewhere'; readonly address: string }
  /** Nobody is known to have it now, or whoever has it answers no queries. */
  | { readonly kind: 'away'; readonly partition: number; readonly owner: string | undefined }
  | { readonly kind: 'unknown' | 'refused'; readonly why: string }

export interface Queried {
  readonly deployment: Deployment
  readonly loop: StageLoop
  readonly group: string
  readonly partitions: number
}

/** Rows after which the tasks of the process get their turn. */
const TURN_ROWS = 2_000

/** Looks into the state of a processor's stage; nothing is changed by it. Personal columns are left out. */
export async function queryState(
  stages: readonly Queried[],
  roster: Roster | undefined,
  query: StateQuery,
): Promise<StateAnswer> {
  const { key } = query
  const found = stageOf(stages, query)
  if (!found) return { kind: 'unknown', why: `no stage ${query.stage} of ${query.processor} runs here` }
  const { spec } = found.loop
  if (!spec.view) return { kind: 'refused', why: `the state of ${spec.name} has no rows that can be shown` }
  if (key === undefined) return await rowsOf(found, query, found.loop.slots)
  const { keyBy, hidden } = spec.view
  if (keyBy.some((column) => hidden.has(column)))
    return { kind: 'refused', why: `the key of ${spec.name} (${keyBy.join(', ')}) is personal` }
  // Ahead of a re-key the state of one key lies on every partition.
  if (spec.next !== undefined) return await rowsOf(found, query, found.loop.slots)
  const parts = keyParts(key, keyBy.length)
  if (!parts) return { kind: 'refused', why: `the key of ${spec.name} is ${keyBy.join('|')}, not '${key}'` }
  const dealt = keyText(spec.view.dealtBy.map((at) => parts[at]))
  const partition = partitionOf(Buffer.from(dealt), found.partitions)
  const slot = found.loop.slots.find((one) => one.partition === partition && one.task !== undefined)
  if (slot) return await rowsOf(found, query, [slot])
  const owner = roster?.ownerOf(found.group, partition)
  if (owner?.address) return { kind: 'elsewhere', address: owner.address }
  return { kind: 'away', partition, owner: owner?.id }
}

/** The values of a key's text, as texts; undefined where it has another number of them. */
function keyParts(text: string, count: number): readonly (string | null)[] | undefined {
  const parts = count === 1 ? [text] : (text.match(/(?:[^\\|]|\\.)+|(?<=\||^)(?=\||$)/gs) ?? [])
  if (parts.length !== count) return undefined
  return parts.map((part) => (part === '\\N' ? null : count === 1 ? part : part.replace(/\\(.)/gs, '$1')))
}

/** The newest generation that runs here. */
function stageOf(stages: readonly Queried[], { processor, stage }: StateQuery): Queried | undefined {
  return stages
    .filter(({ deployment, loop }) => {
      const names = [loop.spec.name, loop.spec.name.slice(processor.length + 1)]
      return deployment.processor === processor && names.includes(stage)
    })
    .sort((a, b) => b.deployment.generation - a.deployment.generation)[0]
}

async function rowsOf(
  { deployment, loop }: Queried,
  { key, limit }: StateQuery,
  slots: StageLoop['slots'],
): Promise<StateAnswer> {
  const { spec } = loop
  const asOf: StateAsOf[] = []
  const rows: Record<string, unknown>[] = []
  let more = false
  let seen = 0
  for (const { task, partition } of slots) {
    if (!task || more) continue
    const { streamTime } = task.stage
    asOf.push({
      partition,
      streamTime: Number.isFinite(streamTime) ? streamTime : null,
      positions: task.inputs.map((input) => ({
        topic: input.topic,
        partition: input.partition,
        offset: input.position,
      })),
    })
    for (const row of task.stage.inspect?.(key) ?? []) {
      more = rows.length >= limit
      if (more) break
      rows.push({ partition, ...shown(row, spec.view) })
      if (++seen % TURN_ROWS === 0) await new Promise(setImmediate)
    }
  }
  const hidden = [...(spec.view?.hidden ?? [])]
  const { processor, generation } = deployment
  return { kind: 'rows', body: { processor, generation, stage: spec.name, asOf, hidden, rows, more } }
}

type View = StageLoop['spec']['view']

function shown(row: Readonly<Record<string, unknown>>, view: View): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const [column, value] of Object.entries(row))
    if (!view?.hidden.has(column)) made[column] = plain(value, view?.scales.get(column))
  return made
}

/** A value as JSON can say it: decimals and large integers as text, bytes in base64. */
function plain(value: unknown, scale?: number): unknown {
  if (typeof value === 'bigint') return decimalText(value, scale ?? 0)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Map) return [...value].map(([name, part]) => [plain(name), plain(part)])
  if (value instanceof Set || Array.isArray(value)) return [...value].map((part) => plain(part))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
