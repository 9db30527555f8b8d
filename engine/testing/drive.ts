import type { KafkaRecord, OutgoingRecord, Reader } from '#engine/broker'
import type { Stage, StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import {
  type AtStep,
  Completions,
  type Deployment,
  defaultSettings,
  ensureInternal,
  ImportsReader,
  names,
  partitionsOf,
  Task,
  type TaskSettings,
  withBroadcasts,
} from '#engine/runtime'
import { type TestClock, testClock } from './clock.ts'
import { type FakeBroker, fakeBroker, picker } from './fake-broker/broker.ts'

export interface DriveOptions {
  readonly partitions?: number
  /** Decides how partitions, stages and commits interleave; the results must not depend on it. */
  readonly seed?: number
  readonly clock?: TestClock
  readonly broker?: FakeBroker
  readonly settings?: Partial<TaskSettings>
}

/** A processor that a test drives by hand. */
export interface Driven {
  readonly broker: FakeBroker
  readonly clock: TestClock
  readonly deployment: Deployment
  /** Writes one record to a source topic, at the test clock's time. */
  write(record: OutgoingRecord): void
  /** Works until there is nothing to do and everything is committed, and a row of throws over; after a crash it takes over and goes on. */
  run(): Promise<void>
  /** As `run`, but more is to come soon: what follows decides about a row of throws, and it is not committed before. */
  pause(): Promise<void>
  /** Committed records of a topic by partition and offset; for engine topics see `names`. */
  read(topic: string): readonly KafkaRecord[]
  /** A stage's state on a partition, as it is in memory. */
  stage(name: string, partition: number): Stage
  /** The process dies the `nth` next time (from 1) that any task comes to this step. */
  crashAt(what: Parameters<AtStep>[0], step: number, nth?: number): void
  /** The process dies now: everything in memory is gone, open transactions stay open. */
  crash(): void
  readonly crashes: number
  close(): Promise<void>
}

/** What a crash looks like from inside: nobody handles it. */
class Crash extends Error {}

interface Driver {
  readonly spec: StageSpec
  readonly partition: number
  task: Task | undefined
  reader: Reader | undefined
}

/**
 * Runs all stages of a processor through the real task code on a fake broker, with a clock that stands still. Source and
 * result topics are created where they are missing.
 */
export async function drive(given: Deployment, options: DriveOptions = {}): Promise<Driven> {
  const { partitions = 2, seed = 1, clock = testClock() } = options
  const broker = options.broker ?? fakeBroker({ clock, seed })
  const settings = { ...defaultSettings, lookIntervalMs: 0, ...options.settings }
  const pick = picker(seed + 1)
  const sources = given.stages.flatMap(({ inputs }) => inputs.filter(({ role }) => role !== 'repartition'))
  const results = given.results.map((contract) => names.result(given, contract))
  const wanted = [...new Set([...sources.map(({ topic }) => topic), ...results])]
  const there = await broker.admin.topics()
  const missing = wanted.filter((name) => !there.has(name))
  await broker.admin.ensure(missing.map((name) => ({ name, partitions, settings: {} })))
  const deployment = await withBroadcasts(broker, given)
  await ensureInternal(broker, deployment, await partitionsOf(broker, deployment))
  const completions = new Completions()
  const imports = await ImportsReader.open(broker, completions)
  const drivers: Driver[] = deployment.stages.flatMap((spec) =>
    Array.from({ length: partitions }, (_, partition) => ({ spec, partition, task: undefined, reader: undefined })),
  )
  let crashes = 0
  let strike: { what: string; step: number; nth: number } | undefined

  const atStep: AtStep = (what, step) => {
    if (strike?.what !== what || strike.step !== step || --strike.nth > 0) return
    strike = undefined
    throw new Crash(`at ${what} step ${step}`)
  }
  const crash = (): void => {
    crashes++
    for (const driver of drivers) {
      driver.task = undefined
      driver.reader = undefined
    }
  }
  const taskOf = async (driver: Driver): Promise<{ task: Task; reader: Reader }> => {
    driver.reader ??= await broker.reader()
    const { reader, spec, partition } = driver
    driver.task ??= await Task.takeOver({
      deployment,
      spec,
      partition,
      partitions,
      broker,
      reader,
      settings,
      clock,
      completions,
      atStep,
      bounds: undefined,
      recorded: [],
      confirm: async () => {},
      ends: (topic) => broker.admin.committedEnds(topic),
      report: async (positions) => broker.report(names.group(deployment, spec.name), positions),
    })
    return { task: driver.task, reader }
  }
  /** One turn of one task; true when something was done. */
  const turn = async (driver: Driver): Promise<boolean> => {
    const { task, reader } = await taskOf(driver)
    const records = await reader.read(1 + pick(20), 0)
    for (const [index, input] of task.inputs.entries()) {
      const offered = records.filter(({ topic, partition }) => topic === input.topic && partition === input.partition)
      task.offer(index, offered, reader.position(input))
    }
    const worked = await task.work()
    if (task.dirty && task.throwing === 0 && (!worked || pick(3) === 0)) await task.commit()
    return worked || records.length > 0
  }
  const guarded = async (driver: Driver): Promise<boolean> => {
    try {
      return await turn(driver)
    } catch (thrown) {
      if (thrown instanceof Crash) crash()
      else if (thrown instanceof KappaError && thrown.retriable) driver.task = undefined
      else throw thrown
      return true
    }
  }

  const pause = async (): Promise<void> => {
    for (let quiet = 0; quiet < 2; ) {
      let busy = await imports.poll(0)
      const order = [...drivers].sort(() => pick(3) - 1)
      for (const driver of order) busy = (await guarded(driver)) || busy
      quiet = busy ? 0 : quiet + 1
    }
  }

  return {
    broker,
    clock,
    deployment,
    write: (record) => broker.write(record),
    async run() {
      for (let open = true; open; ) {
        await pause()
        const throwing = drivers.flatMap(({ task }) => (task && task.throwing > 0 ? [task] : []))
        for (const task of throwing) task.endThrows()
        open = throwing.length > 0
      }
    },
    pause,
    read: (topic) => broker.committed(topic),
    stage(name, partition) {
      const found = drivers.find((driver) => driver.spec.name === name && driver.partition === partition)
      if (!found?.task) throw new RangeError(`${name} on partition ${partition} does not run`)
      return found.task.stage
    },
    crashAt(what, step, nth = 1) {
      strike = { what, step, nth }
    },
    crash,
    get crashes() {
      return crashes
    },
    async close() {
      await imports.close()
      for (const { task, reader } of drivers) {
        await task?.close()
        await reader?.close()
      }
    },
  }
}
