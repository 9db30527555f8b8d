import { type Cut, type CutLog, type LaneRecord, subtractHashes } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AnyTopic, retentionMs } from '#engine/schema'
import type { Clock } from '#engine/time'

/** A cut that the live sink marked done, and what of it the store refused. */
export interface DoneCut {
  readonly cut: Cut
  readonly refused: number
  readonly refusedHashSum: string
}

/** What a live table is made of, as its sink's cut log says. */
export interface DoneCuts {
  /** By lane and generation, each in the order done. */
  readonly kept: readonly DoneCut[]
  /** Cuts whose rows are past the contract's retention: a table that is made anew does without them. */
  readonly expired: readonly DoneCut[]
}

const LOOKS = 50
const LOOK_MS = 200
/** ClickHouse deletes when it merges: what is so near its end is taken for expired. */
const MARGIN_MS = 600_000

/**
 * Every done cut of a topic. Throws CONFIG_INVALID where the sink never read the topic, or read it before it was made anew:
 * then what came first is in the table alone.
 */
export async function doneCuts(log: CutLog, topic: AnyTopic, clock: Clock): Promise<DoneCuts> {
  const since = keptSince(topic, clock)
  const cuts = await readHistory(log, topic.name, clock)
  const covered = new Map<number, number>()
  for (const { cut } of cuts)
    for (const { partition, first, last } of cut.ranges) {
      if (first < (covered.get(partition) ?? 0))
        throw new KappaError(
          'CONFIG_INVALID',
          `rebuilding the table of ${topic.name}: [${partition}]@${first} was read twice, the topic was made anew in between (kappa sink begin-again); rows of before are in the table alone, and rebuilding would lose them`,
        )
      covered.set(partition, last + 1)
    }
  const byLane = new Map<string, DoneCut[]>()
  for (const one of cuts) {
    const own = byLane.get(laneOf(one.cut)) ?? []
    byLane.set(laneOf(one.cut), own)
    own.push(one)
  }
  const all = [...byLane.values()].flat()
  const isKept = ({ cut }: DoneCut): boolean => since === undefined || cut.decidedAt >= since
  return { kept: all.filter(isKept), expired: all.filter((one) => !isKept(one)) }
}

/** Rows written before this may be gone, milliseconds; undefined where the contract keeps them for ever. */
export function keptSince({ contract }: AnyTopic, clock: Clock): number | undefined {
  const retention = retentionMs(contract.topic.retention)
  return retention < 0 ? undefined : clock.now() - retention + MARGIN_MS
}

const laneOf = ({ lane, generation }: Cut): string => `${lane}|${generation}`

/** The history may be a moment behind what lanes say of themselves: it is read until it is not. */
async function readHistory(log: CutLog, topic: string, clock: Clock): Promise<readonly DoneCut[]> {
  for (let looks = 1; ; looks++) {
    const lanes = (await log.all()).filter(({ cut, state }) => cut.topic === topic && state !== 'moved')
    if (lanes.every(({ cut }) => cut.number === 0) && lanes.every(({ cut }) => cut.generation === 1))
      throw new KappaError(
        'CONFIG_INVALID',
        `rebuilding the table of ${topic}: ${log.sink} never brought anything of it (kappa sink run ${log.sink} does)`,
      )
    const cuts: DoneCut[] = []
    const refusedBefore = new Map<string, string>()
    const lastDone = new Map<string, number>()
    await log.history(({ cut, refused, totals }) => {
      if (cut.topic !== topic) return
      const lane = laneOf(cut)
      const refusedHashSum = subtractHashes(totals.refusedHashSum, refusedBefore.get(lane) ?? '0')
      refusedBefore.set(lane, totals.refusedHashSum)
      lastDone.set(lane, cut.number)
      cuts.push({ cut, refused, refusedHashSum })
    })
    const isThere = ({ state, cut }: LaneRecord): boolean =>
      (lastDone.get(laneOf(cut)) ?? 0) >= (state === 'decided' ? cut.number - 1 : cut.number)
    if (lanes.every(isThere)) return cuts
    if (looks >= LOOKS)
      throw new KappaError('STATE_MISMATCH', `reading the cuts of ${topic}: the history lacks some that are done`)
    await clock.sleep(LOOK_MS)
  }
}
