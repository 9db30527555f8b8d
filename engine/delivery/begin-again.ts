import { KappaError } from '#engine/errors'
import { beginning } from './lane-life.ts'
import { type LaneOptions, laneProducerId } from './lane-options.ts'
import { checkWitness } from './read-back.ts'

/** What became of a lane whose topic is another one than it read. */
export interface BegunAgain {
  readonly from: number
  readonly generation: number
  /** Records of a cut that was decided and not done: they may be in the store or not, and the topic no longer has them. */
  readonly undone: number
}

/**
 * The way out for a lane that stopped because its topic was deleted and made anew: it ends where it is, and begins as the
 * next generation at the topic's first offsets, in one transaction. What it brought before stays in the store under its own
 * generation. Undefined where the topic is the one that the lane read, so that asking twice begins once. BLOCKED while
 * somebody holds the lane.
 */
export async function beginAgain(options: LaneOptions): Promise<BegunAgain | undefined> {
  const { app, source, lane, broker, log } = options
  for (let generation = options.generation; ; ) {
    const producer = await broker.transactional(laneProducerId(app, log.sink, generation, source, lane))
    try {
      const last = await log.lastOf({ topic: source, lane, generation }, producer)
      if (last === undefined) return undefined
      if (last.state === 'moved') {
        generation = last.movedTo ?? generation + 1
        continue
      }
      if (last.state === 'held')
        throw new KappaError('BLOCKED', `beginning ${source} lane ${lane} again: it is held by ${last.heldBy}`)
      const mismatch = await checkWitness(last, broker).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (mismatch === undefined) return undefined
      if (!(mismatch instanceof KappaError) || mismatch.code !== 'STATE_MISMATCH') throw mismatch
      const to = generation + 1
      const begun = await beginning(options, to)
      await producer.begin()
      await log.send(producer, { ...last, state: 'moved', movedTo: to })
      await log.send(producer, begun)
      await producer.commit()
      return { from: generation, generation: to, undone: last.state === 'decided' ? last.cut.count : 0 }
    } finally {
      await producer.close()
    }
  }
}
