import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import {
  expectUpserts,
  type Generation,
  GenerationLog,
  type GenerationRecord,
  generationsOf,
  lastOf,
  letGo,
  phaseOf,
  promoteTogether,
  republish,
  rollbackTogether,
  type Verification,
  verifyReplay,
} from '#engine/replay'
import { generationTopic, internalTopics } from '#engine/runtime'
import { systemClock } from '#engine/time'
import { deploymentOf, processorNamed } from '../../deployments.ts'
import { openPlatform } from '../../platform.ts'
import { chainParts, wholeChain } from './chain.ts'
import { generationOf } from './flags.ts'
import { reasonsOf } from './reasons.ts'
import { catchUp, generationFor, livePositions, type Session, switchOptions, withSession } from './session.ts'
import { statusOf, statusText, verificationText } from './text.ts'

interface DecideFlags {
  readonly json?: boolean
  readonly force?: boolean
  readonly acceptDifferences?: boolean
  readonly republish?: boolean
}

const withGeneration = (command: Command): Command =>
  command
    .argument('<processor>')
    .argument('[generation]', 'e.g. v2 (default: the last)', generationOf)
    .option('--json', 'for programs')

/** Runs a command about one generation; what it returns is shown. */
const about =
  (work: (session: Session, generation: Generation, flags: DecideFlags) => Promise<object>) =>
  (name: string, wanted: number | undefined, flags: DecideFlags): Promise<void> =>
    withSession(name, async (session) => {
      const shown = await work(session, await generationFor(session, wanted), flags)
      if (flags.json === true) console.log(JSON.stringify(shown, null, 2))
    })

export function registerVerify(replay: Command): void {
  withGeneration(
    replay
      .command('verify')
      .description('compare a finished replay with the live table, row by row; ends with 3 on a difference'),
  ).action(about(verify))
}

export function registerPromote(replay: Command): void {
  withGeneration(replay.command('promote').description("give a verified replay's table the live name"))
    .option('--accept-differences', 'although the verification told rows that differ; their number is recorded')
    .option('--force', 'whatever speaks against it; it is recorded')
    .option('--republish', 'append rows that differ to the live topic, as upserts, for those who read it')
    .addHelpText(
      'after',
      `
The live sink is held while rows outside the range are copied and the tables are exchanged in one step: a reader sees the
old rows or the new ones. Killed at any moment: the same command goes on. The old table is kept: kappa replay rollback.

A replay that was run with --live takes over its processor: the generation in force stops, its last results are brought to
its table, the new one is run on to the same positions, and from then on kappa run goes on with its state. A worker that
runs this version of the code goes over by itself; one of another version stops and says so.

The live topic keeps what it has: readers of its past do not see what a promotion changed, unless --republish appends every
row of the range that differs (and takes away, by records without a value, those that are no more). Of a generation that is
promoted already, --republish does that alone; interrupted, the same command goes on.`,
    )
    .action(about(promoteAll))
}

async function promoteAll(
  session: Session,
  generation: Generation,
  { force, acceptDifferences, republish: again, json }: DecideFlags,
): Promise<object> {
  const parts = await wholeChain(session, generation, 'promoting')
  if (again === true) for (const { options } of parts) expectUpserts(options.topic)
  const isLive = parts.every((part) => phaseOf(part.generation) === 'promoted')
  const despite = { force: force === true, differences: acceptDifferences === true }
  const promoted = isLive && again === true ? [] : await promoteTogether(parts, despite)
  if (json !== true && promoted.length > 0)
    console.log(`${namesOf(promoted)} live; the table before is kept beside it (kappa replay rollback)`)
  if (again !== true) return shownAs(generation, promoted)
  const republished: GenerationRecord[] = []
  for (const { options, generation: part } of parts) {
    const { processor, generation: number } = part.started
    const current = generationsOf(await session.log.all(), processor).find(
      ({ started }) => started.generation === number,
    )
    const { archive } = session.sources
    const record = await republish({ ...options, ...(archive === undefined ? {} : { archive }) }, current ?? part)
    republished.push(record)
    const { upserts, retractions, left } = record.report ?? {}
    if (json !== true)
      console.log(
        `${options.topic.name}: ${upserts} rows appended, ${retractions} taken away, ${left} that no key takes away`,
      )
  }
  return shownAs(generation, republished)
}

export function registerRollback(replay: Command): void {
  withGeneration(
    replay.command('rollback').description('give the table before a promotion the live name again'),
  ).action(
    about(async (session, generation, { json }) => {
      const records = await rollbackTogether(await wholeChain(session, generation, 'rolling back'))
      if (json !== true) console.log(`${namesOf(records)} rolled back`)
      return shownAs(generation, records)
    }),
  )
}

export function registerCancel(replay: Command): void {
  withGeneration(
    replay.command('cancel').description('give a replay up: its topics and the table beside the live one are removed'),
  ).action(about(cancel))
}

export function registerStatus(replay: Command): void {
  replay
    .command('status')
    .description('show every replay and what was decided about it')
    .argument('[processor]')
    .option('--json', 'with reports, for programs')
    .action(async (name: string | undefined, { json }: DecideFlags) => {
      const wanted = name === undefined ? undefined : processorNamed(name).plan.name
      const platform = openPlatform()
      try {
        const all = await new GenerationLog({ ...platform, clock: systemClock }).all()
        const processors = new Set(all.map(({ processor }) => processor))
        const shown = [...processors]
          .filter((processor) => wanted === undefined || processor === wanted)
          .flatMap((processor) => generationsOf(all, processor))
        console.log(json === true ? JSON.stringify(shown.map(statusOf), null, 2) : statusText(shown))
      } finally {
        await platform.close()
      }
    })
}

async function verify(session: Session, generation: Generation, { json }: DecideFlags): Promise<object> {
  const parts = await chainParts(session, generation)
  const found: (Verification & { readonly processor: string })[] = []
  for (const part of parts) {
    const one = await verifyOne(part.session, part.generation)
    found.push({ processor: part.generation.started.processor, ...one })
    if (json !== true && parts.length > 1) console.log(`\n${nameOf(part.generation.started)}`)
    if (json !== true) console.log(verificationText(one))
  }
  const [first] = found
  const shown = generation.started.chain === undefined && first !== undefined ? first : { chain: found }
  const bad = found.filter(({ differing }) => differing > 0)
  if (bad.length > 0) {
    if (json === true) console.log(JSON.stringify(shown, null, 2))
    const sums = bad.map(
      ({ processor, differing, compared }) => `${processor}: ${differing} of ${compared} rows differ`,
    )
    throw new KappaError('VERIFICATION_MISMATCH', `verifying ${nameOf(generation.started)}: ${sums.join('; ')}`)
  }
  return shown
}

async function verifyOne(session: Session, generation: Generation): Promise<Verification> {
  const { started } = generation
  const phase = phaseOf(generation)
  if (phase === 'unfinished') {
    const refused = lastOf(generation, 'refused')
    if (refused !== undefined)
      throw new KappaError('VERIFICATION_MISMATCH', `verifying ${nameOf(started)}: ${refused.report?.reason}`)
    throw new KappaError('BLOCKED', `verifying ${nameOf(started)}: it is unfinished; run it to its end first`)
  }
  if (phase !== 'finished') throw new KappaError('BLOCKED', `verifying ${nameOf(started)}: it is ${phase}`)
  const { destination, processor, log } = session
  const found = await verifyReplay({
    tables: destination.generations,
    topic: processor.plan.destination,
    generation: started.generation,
    range: started,
    clock: systemClock,
    reasons: await reasonsOf(session, started),
    ...(started.live === true ? { catchUp: async () => catchUp(session, started, await livePositions(session)) } : {}),
  })
  const { bounds: _, ...base } = started
  await log.decide((_all, at) => ({
    ...base,
    decision: found.differing === 0 ? 'verified' : 'differing',
    at,
    report: { ...found },
  }))
  return found
}

async function cancel(session: Session, generation: Generation, { json }: DecideFlags): Promise<object> {
  const records: GenerationRecord[] = []
  // From the last on: what is left of a chain whose cancelling was cut short still begins with its first.
  for (const part of [...(await chainParts(session, generation))].reverse())
    records.unshift(await cancelOne(part.session, part.generation))
  if (json !== true) console.log(`${namesOf(records)} cancelled; topics and tables are gone`)
  return shownAs(generation, records)
}

async function cancelOne(session: Session, generation: Generation): Promise<GenerationRecord> {
  const { platform, processor, destination, log } = session
  const { started } = generation
  const phase = phaseOf(generation)
  if (phase === 'promoting' || phase === 'promoted' || phase === 'rolling-back')
    throw new KappaError('BLOCKED', `cancelling ${nameOf(started)}: it is ${phase}; roll it back first`)
  await letGo(switchOptions(session), started)
  const { bounds: _, ...base } = started
  const record = await log.decide((_all, at) => ({ ...base, decision: 'cancelled', at }))
  const own = await deploymentOf(processor, platform, started.generation)
  const topics = [...internalTopics(own, 1).map(({ name }) => name), generationTopic(started.topic, started.generation)]
  const there = await platform.broker.admin.topics()
  await platform.broker.admin.remove(topics.filter((topic) => there.has(topic)))
  await destination.generations.drop(processor.plan.destination, started.generation)
  return record
}

const nameOf = ({ processor, generation }: GenerationRecord): string => `${processor} v${generation}`
const namesOf = (records: readonly GenerationRecord[]): string =>
  `${records.map(nameOf).join(', ')} ${records.length === 1 ? 'is' : 'are'}`

/** One record of a generation of its own, all of a chain's. */
const shownAs = (generation: Generation, records: readonly GenerationRecord[]): object =>
  generation.started.chain === undefined ? (records[0] ?? generation.last) : { chain: records }
