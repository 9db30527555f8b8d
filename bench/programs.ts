import { fileURLToPath } from 'node:url'
import { compile } from '#engine/compile'
import { names } from '#engine/runtime'
import { type PeerName, type PeerRun, peerCommands } from './peers.ts'
import type { Command } from './process.ts'
import type { KappaProgram } from './programs/kappa.ts'
import type { RawProgram } from './programs/raw.ts'
import { type QueryName, queries } from './queries.ts'
import type { Way } from './watch.ts'

/** What is measured; `kappa` fetches with librdkafka, `kappa-lean` with the lean reader. `raw-…`: our clients alone. */
export const programNames = [
  'kappa',
  'kappa-lean',
  'flink',
  'kafka-streams',
  'raw-consume',
  'raw-consume-lean',
  'raw-produce',
] as const
export type ProgramName = (typeof programNames)[number]

/** As `kappa dev` starts its workers: a nursery that fits their batches, threads for librdkafka's blocking calls. */
const node = (program: 'kappa' | 'raw', told: KappaProgram | RawProgram): Command => ({
  command: process.execPath,
  args: [
    '--max-semi-space-size=64',
    '--import',
    'tsx',
    fileURLToPath(new URL(`programs/${program}.ts`, import.meta.url)),
    JSON.stringify(told),
  ],
  env: { UV_THREADPOOL_SIZE: '128' },
})

export const rawCommand = (told: RawProgram): Command => node('raw', told)

/** A program's turn: how to start it, a process each, and whose positions to follow. */
export interface Turn {
  readonly commands: readonly Command[]
  readonly sources: readonly Way[]
  between(topics: readonly string[]): readonly Way[]
}

export type TurnOf = Omit<PeerRun, 'emit'> & { readonly generation: number; readonly processes: number }

export function kappaTurn(turn: TurnOf, fetching: KappaProgram['fetching']): Turn {
  const { query, brokers, result, app, generation, commitMs, processes } = turn
  const { plan } = queries[query]
  const named = { app, processor: plan.name, generation }
  const ways = compile(plan).flatMap(({ name, inputs }) =>
    inputs.map((input) => ({
      role: input.role,
      group: names.group(named, name),
      topic: names.input(named, input),
    })),
  )
  return {
    commands: Array.from({ length: processes }, () =>
      node('kappa', { query, brokers, result, app, generation, commitMs, fetching }),
    ),
    sources: ways.filter(({ role }) => role !== 'repartition'),
    between: () => ways.filter(({ role }) => role === 'repartition'),
  }
}

/** How windows of Kafka Streams are told once; emitting at close by its own option was not compared. */
const emits: Readonly<Record<QueryName, PeerRun['emit']>> = {
  country: 'suppress',
  user: 'suppress',
  session: 'suppress',
  join: 'final',
  mask: 'final',
  dedup: 'final',
}

export function peerTurn(peer: PeerName, turn: TurnOf): Turn {
  return {
    commands: peerCommands(peer, { ...turn, emit: emits[turn.query] }, turn.processes),
    sources: queries[turn.query].sources.map(({ name }) => ({ group: turn.app, topic: name })),
    between: (topics) =>
      topics
        .filter((topic) => topic.startsWith(turn.app) && topic.endsWith('-repartition'))
        .map((topic) => ({ group: turn.app, topic })),
  }
}
