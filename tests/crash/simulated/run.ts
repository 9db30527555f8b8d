import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutgoingRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import {
  type BoundedOptions,
  type Deployment,
  names,
  type RecordedTime,
  readRecordedTime,
  runBounded,
} from '#engine/runtime'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { difference, type Outcome, outcomeOf } from '../outcome.ts'
import { Random } from '../random.ts'
import { BEGINNING, type Blow, type Script, scriptOf } from '../script.ts'
import type { Verdict } from '../suite.ts'
import { type Built, build, type Source, type Topology } from '../topologies/index.ts'
import { Crew } from './crew.ts'
import { Network } from './network.ts'
import { VirtualTime } from './virtual-time.ts'

/** One seed on the broker in memory, in virtual time: the seed alone reproduces every turn of it. */
export async function runSimulated(seed: number, topology: Topology, signal?: AbortSignal): Promise<Verdict> {
  const built = await build(topology, `s${seed}`)
  const script = scriptOf(seed, built, new Random(seed))
  const time = new VirtualTime(BEGINNING)
  const folder = stateFolderOf(built, script)
  try {
    return await time.run(async () => {
      const rough = await live(time, built, script, 'disturbed', folder)
      const found = await read(built, rough.broker, built.deployment(1))
      const recorded = await readRecordedTime(rough.broker, names.time(built.deployment(1)))
      const differs = await differenceFrom(time, { built, script, broker: rough.broker, recorded, found, folder })
      return { events: script.events, blows: rough.blows, results: found.size, difference: differs }
    }, signal)
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

/** How a run without a blow may differ from that of one worker. */
export const calmWays = {
  'four workers, small polls': { workers: 4, settings: { sliceLimit: 2, bufferLimit: 3 }, blows: [] },
  'started again in the middle': {
    workers: 2,
    settings: {},
    blows: [{ kind: 'remove', worker: 0 }, { kind: 'kill', worker: 0 }, { kind: 'add' }],
  },
} as const satisfies Record<string, Pick<Script, 'workers' | 'settings'> & { readonly blows: readonly Blow[] }>

/** The first difference of a run without a blow from one worker's, and from every bounded run over its events. */
export async function differenceOfCalm(
  seed: number,
  topology: Topology,
  way: keyof typeof calmWays,
): Promise<string | undefined> {
  const built = await build(topology, `s${seed}`)
  const made = scriptOf(seed, built, new Random(seed), CALM_EVENTS)
  const { workers, settings, blows } = calmWays[way]
  const middle = made.scenes.length >> 1
  const scenes = made.scenes.map((scene, n) => ({ ...scene, blows: n === middle ? blows : [] }))
  const script = { ...made, workers, scenes, settings: { ...made.settings, ...settings } }
  const time = new VirtualTime(BEGINNING)
  return await time.run(async () => {
    const { broker } = await live(time, built, script, 'disturbed')
    const found = await read(built, broker, built.deployment(1))
    if (found.size < 5) return `only ${found.size} records`
    const recorded = await readRecordedTime(broker, names.time(built.deployment(1)))
    return await differenceFrom(time, { built, script, broker, recorded, found })
  })
}

const CALM_EVENTS = 100

/** A folder of the run's own, where it keeps state on disk; the caller removes it. */
export const stateFolderOf = (built: Built, { disk }: Script): string | undefined =>
  disk && built.deployment(1).stages.some(({ onDisk }) => onDisk)
    ? mkdtempSync(join(tmpdir(), 'kappa-crash-state-'))
    : undefined

/** What a disturbed run left behind, wherever it ran; `broker` holds its sources at the same offsets. */
export interface Remains {
  readonly built: Built
  readonly script: Script
  readonly broker: FakeBroker
  readonly recorded: RecordedTime
  readonly found: Outcome
  /** The events as they were written, where their order in each partition is not that of the script. */
  readonly sources?: readonly OutgoingRecord[]
  /** Where the run that dies on its way keeps state on disk, if it does. */
  readonly folder?: string | undefined
}

/** The first difference from undisturbed runs over the same events: live, and bounded in several ways. */
export async function differenceFrom(time: VirtualTime, remains: Remains): Promise<string | undefined> {
  const { built, broker, recorded, found, folder } = remains
  if (built.topology.decidedBy === 'offsets') {
    const calm = await live(time, built, written(remains), 'undisturbed')
    const differs = difference(built, await read(built, calm.broker, built.deployment(1)), found)
    if (differs) return `beside an undisturbed run: ${differs}`
  }
  for (const [index, way] of ways.entries()) {
    const deployment = built.deployment(index + 2)
    const onDisk = folder !== undefined && way.dies > 0 ? { stateFolder: join(folder, 'bounded') } : {}
    await replay(time, built, broker, deployment, recorded, { ...way, settings: { ...way.settings, ...onDisk } })
    const differs = difference(built, await read(built, broker, deployment), found)
    if (differs) return `beside ${way.name}: ${differs}`
  }
  if (built.topology.decidedBy === 'record') return undefined
  const deployment = built.deployment(ways.length + 2)
  await followed(time, remains, deployment)
  const differs = difference(built, await read(built, broker, deployment), found)
  return differs && `beside a bounded run over the first half that workers follow: ${differs}`
}

const written = ({ script, sources }: Remains): Script =>
  sources ? { ...script, scenes: [{ records: sources, blows: [], waitMs: 0 }] } : script

const read = (built: Built, broker: FakeBroker, deployment: Deployment) =>
  outcomeOf(built, deployment, async (topic) => broker.committed(topic))

async function live(
  time: VirtualTime,
  built: Built,
  script: Script,
  how: 'disturbed' | 'undisturbed',
  stateFolder?: string,
) {
  const { seed, partitions, workers, scenes } = script
  const disturbed = how === 'disturbed'
  const random = new Random(disturbed ? seed + 1 : 0)
  const lateMarkers = disturbed && random.chance(0.5)
  const broker = fakeBroker({ clock: time, seed: disturbed ? seed : 1, lateMarkers, transactionTimeouts: true })
  const topics = [...built.sources.map(({ topic }) => topic.name), built.plan.destination.name]
  await broker.admin.ensure(topics.map((name) => ({ name, partitions, settings: {} })))
  const network = new Network(time, broker, random)
  const settings = disturbed ? script.settings : {}
  const deployment = built.deployment(1)
  const crew = new Crew({ time, broker, network, deployment, settings, partitions, stateFolder })
  for (let n = 0; n < (disturbed ? workers : 1); n++) crew.add()
  for (const { records, blows, waitMs } of scenes) {
    for (const record of records) broker.write(record)
    if (disturbed) for (const blow of blows) crew.apply(blow)
    await time.sleep(1 + waitMs)
  }
  crew.heal()
  await crew.settle()
  await crew.stop()
  return { broker, blows: crew.blows }
}

/** How a bounded run may go about it: the results must not tell. */
interface Way {
  readonly name: string
  readonly settings: Script['settings']
  readonly pollSize?: number
  /** It dies so often on its way, each time a little further. */
  readonly dies: number
}

const ways: readonly Way[] = [
  { name: 'a bounded run at full speed', settings: {}, dies: 0 },
  {
    name: 'a bounded run in small slices and polls',
    settings: { sliceLimit: 3, bufferLimit: 4 },
    pollSize: 5,
    dies: 0,
  },
  { name: 'a bounded run that dies on its way', settings: { sliceLimit: 40, commitIntervalMs: 1 }, dies: 4 },
]

async function replay(
  time: VirtualTime,
  built: Built,
  broker: FakeBroker,
  deployment: Deployment,
  recorded: RecordedTime,
  { settings, pollSize, dies }: Way,
): Promise<void> {
  const bounds = await boundsOf(built, broker, 1)
  const reader = async () => {
    const inner = await broker.reader()
    const readAll = inner.read.bind(inner)
    inner.read = (max, waitMs) => readAll(Math.min(max, pollSize ?? max), waitMs)
    return inner
  }
  const options = { broker, deployment, bounds, recorded, settings, clock: time, reader }
  for (let death = 0; death < dies; death++) {
    let left = 5 + death * 11
    const dead = runBounded({
      ...options,
      atStep: () => {
        if (--left < 0) throw new KappaError('BROKER', 'dying on the way')
      },
    })
    await dead.catch((thrown) => {
      if (!String(thrown).includes('dying on the way')) throw thrown
    })
  }
  await runBounded(options)
}

/** A part of every source, from its beginning on. */
async function boundsOf({ sources }: Built, broker: FakeBroker, part: number): Promise<BoundedOptions['bounds']> {
  const ofTopic = async ({ topic: { name } }: Source) => {
    const ends = await broker.admin.committedEnds(name)
    return [name, ends.map((end) => ({ start: 0, end: Math.floor(end * part) }))] as const
  }
  return new Map(await Promise.all(sources.map(ofTopic)))
}

/** A replay as an operator has it: bounded over what is there, then workers go on with its generation. */
async function followed(time: VirtualTime, remains: Remains, deployment: Deployment): Promise<void> {
  const { built, script, broker, recorded } = remains
  await runBounded({ broker, deployment, bounds: await boundsOf(built, broker, 0.5), recorded, clock: time })
  const network = new Network(time, broker, new Random(script.seed))
  const { partitions } = script
  const crew = new Crew({ time, broker, network, deployment, settings: {}, partitions, stateFolder: undefined })
  for (let n = 0; n < 3; n++) crew.add()
  await crew.settle()
  await crew.stop()
}
