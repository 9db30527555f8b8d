import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, kafkaBroker } from '#engine/broker'
import type { Registry } from '#engine/schema'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import { type Command, Measured, Together, type Watched } from './process.ts'
import { selfTimes } from './profile.ts'
import { kappaTurn, type ProgramName, peerTurn, type Turn, type TurnOf } from './programs.ts'
import { type QueryName, queries } from './queries.ts'
import { benchRegistry } from './topics.ts'
import { PARTITIONS } from './world.ts'

export interface GroundOptions {
  readonly commitMs: number
  /** The program on core 0, broker and runner on core 1; else everything everywhere. */
  readonly pinned: boolean
  /** Kappa's programs tell where their time went. */
  readonly profile: boolean
  /** How many processes share a program's work. */
  readonly processes: number
  /** Peers hold nothing back for the sake of larger batches. */
  readonly prompt: boolean
}

/** A program that was started, and where its results go. */
export interface Started {
  readonly program: Watched
  readonly turn: Turn
  readonly result: string
  /** Of the machine, as it was started. */
  readonly load: number
  /** Ends it and removes the topics that it made. */
  end(): Promise<void>
}

/** What a program's turn stands on: a broker of its own, and names that no other turn has. */
export interface Ground {
  readonly broker: Broker
  readonly brokers: string
  readonly registry: Registry
  readonly pinned: boolean
  create(topic: string): Promise<void>
  /** Starts a program over a query. */
  start(query: QueryName, name: ProgramName): Promise<Started>
  /** Starts a command as a measured process, where programs run. */
  launch(command: Command): Measured
  /** Ends the program under way and the broker, and removes their data. May be called again. */
  close(): Promise<void>
}

const PROGRAM_CORE = 0
const OTHER_CORE = 1

export async function openGround(options: GroundOptions, tell: (line: string) => void): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-bench-'))
  const stack = await startStack({
    dataFolder: folder,
    cacheFolder: cacheFolder(),
    ports: 'free',
    services: ['kafka'],
  })
  const { brokers } = stack.addresses.kafka
  const broker = kafkaBroker({ brokers })
  const registry = await benchRegistry()
  const running = new Set<Watched>()
  let turns = 0
  let closing: Promise<void> | undefined
  if (options.pinned)
    for (const pid of [stack.pid('kafka'), process.pid])
      execFileSync('taskset', ['-a', '-p', '-c', String(OTHER_CORE), String(pid)], { stdio: 'ignore' })

  const launch = ({ command, args, env = {} }: Command): Measured => {
    const program = new Measured(command, args, { ...(options.pinned ? { pin: PROGRAM_CORE } : {}), env })
    running.add(program)
    return program
  }
  const create = (name: string): Promise<void> =>
    broker.admin.ensure([{ name, partitions: PARTITIONS, settings: { 'retention.ms': '-1' } }])

  return {
    broker,
    brokers: brokers.join(),
    registry,
    pinned: options.pinned,
    create,
    launch,
    async start(query, name) {
      const before = new Set((await broker.admin.topics()).keys())
      turns++
      const app = `bench-${query}-${turns}`
      const result = `${app}-result`
      const told: TurnOf = {
        query,
        brokers: brokers.join(),
        result,
        resultSchemaId: await registry.idOf(queries[query].plan.destination),
        app,
        generation: turns,
        commitMs: options.commitMs,
        threads: options.pinned || options.processes > 1 ? 1 : 2,
        processes: options.processes,
        prompt: options.prompt,
        data: join(folder, app),
      }
      await create(result)
      const turn = turnOf(name, told)
      const profiled = options.profile && name.startsWith('kappa')
      const profiling = profiled ? ['--cpu-prof', '--cpu-prof-dir', told.data] : []
      const load = loadavg()[0] ?? 0
      const all = turn.commands.map((command) => launch({ ...command, args: [...profiling, ...command.args] }))
      const program = new Together(all)
      return {
        program,
        turn,
        result,
        load,
        async end() {
          await program.stop()
          for (const one of all) running.delete(one)
          if (profiled) tell(selfTimes(told.data))
          const made = [...(await broker.admin.topics()).keys()].filter((topic) => !before.has(topic))
          await broker.admin.remove(made.filter((topic) => !topic.startsWith('__')))
        },
      }
    },
    close() {
      closing ??= (async () => {
        await Promise.all([...running].map((one) => one.stop()))
        await broker.close()
        await stack.stop()
        rmSync(folder, { recursive: true, force: true })
      })()
      return closing
    },
  }
}

function turnOf(name: ProgramName, turn: TurnOf): Turn {
  switch (name) {
    case 'flink':
    case 'kafka-streams':
      return peerTurn(name, turn)
    default:
      return kappaTurn(turn, name === 'kappa-lean' ? 'lean' : 'librdkafka')
  }
}
