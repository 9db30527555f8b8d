import { addHashes, type Cut, type RefusedRow, type RowSum, subtractHashes } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { DoneCut } from './cuts.ts'
import type { RebuildOptions } from './options.ts'
import { StretchSource, type Whereabouts } from './source.ts'

const TRIES = 12
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

export interface Filling {
  readonly generation: number
  readonly stretches: readonly Cut[]
  /** What cuts are known to have left out. */
  readonly cuts: readonly DoneCut[]
  readonly where: Whereabouts
  /** The table may hold some of it already. */
  readonly resumed: boolean
  /** FENCED where another process took over. */
  readonly confirm: () => Promise<void>
}

export interface Filled {
  readonly rows: number
  readonly refused: number
}

/**
 * Writes stretches, one behind the other, into the table of a generation. Killed at any moment, the same call goes on: what
 * is there is found by counting, and a stretch that was under way has the same token.
 */
export async function fill(options: RebuildOptions, filling: Filling): Promise<Filled> {
  const { topic, destination, signal, onProgress = () => {}, atStretch = () => {}, broker, archive, choice } = options
  const { stretches, generation, where, confirm } = filling
  const target = destination.into(generation)
  await target.prepare(topic)
  const source = new StretchSource({ broker, archive, where, choice })
  const total = stretches.reduce((sum, { count }) => sum + count, 0)
  const begin = filling.resumed ? await firstOpen(options, filling) : 0
  let rows = stretches.slice(0, begin).reduce((sum, { count }) => sum + count, 0)
  let refused = 0
  let mayBeThere = filling.resumed
  try {
    for (let number = begin; number < stretches.length; number++) {
      const stretch = stretches[number]
      if (stretch === undefined) break
      if (signal?.aborted === true)
        throw new KappaError('INTERRUPTED', `rebuilding the table of ${topic.name}: run it again to go on`)
      onProgress(rows, total)
      await atStretch(number)
      const again = mayBeThere
      // What is not there at all was never sent, or is on its way under the token that it is sent with now.
      if (again) mayBeThere = (await options.tallies.ofCut(topic, stretch, generation)).rows > 0
      const records = await source.read(stretch)
      const found = await patiently(options, (tries) =>
        target.write(topic, stretch, records, again || tries > 0, confirm),
      )
      refused += found.length
      rows += stretch.count
    }
    onProgress(rows, total)
    return { rows, refused }
  } finally {
    await source.close()
  }
}

/** The first stretch that is not whole; upserted rows replace one another, so there all is sent again. */
async function firstOpen(options: RebuildOptions, { stretches, cuts, generation }: Filling): Promise<number> {
  const { topic, tallies } = options
  if (topic.contract.topic.kind !== 'facts') return 0
  const expected = expectedOf(cuts)
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const stretch = stretches[middle]
    if (stretch === undefined) break
    const wanted = (stretch.parts ?? [stretch]).map(expected).reduce(together, nothing)
    const found = await tallies.ofCut(topic, stretch, generation)
    if (found.rows === wanted.rows && found.hashSum === wanted.hashSum) low = middle + 1
    else high = middle
  }
  return low
}

const nothing: RowSum = { rows: 0, hashSum: '0' }
const together = (a: RowSum, b: RowSum): RowSum => ({
  rows: a.rows + b.rows,
  hashSum: addHashes(a.hashSum, b.hashSum),
})

/** What a cut left in the live table: everything but what was refused. */
function expectedOf(cuts: readonly DoneCut[]): (cut: Cut) => RowSum {
  const known = new Map(cuts.map((one) => [cutName(one.cut), one]))
  return (cut) => {
    const one = known.get(cutName(cut))
    return one === undefined ? nothing : landedOf(one)
  }
}

/** A cut among all of its topic. */
export const cutName = ({ lane, generation, number }: Cut): string => `${lane}|${generation}|${number}`

export const landedOf = ({ cut, refused, refusedHashSum }: DoneCut): RowSum => ({
  rows: cut.count - refused,
  hashSum: subtractHashes(cut.hashSum, refusedHashSum),
})

/** Asks again while the store is away; what stays undone goes on with the next run. */
async function patiently(
  { clock, signal }: RebuildOptions,
  write: (tries: number) => Promise<readonly RefusedRow[]>,
): Promise<readonly RefusedRow[]> {
  for (let tries = 0; ; tries++)
    try {
      return await write(tries)
    } catch (thrown) {
      const mayPass = thrown instanceof KappaError && thrown.retriable && thrown.code !== 'FENCED'
      if (!mayPass || tries >= TRIES || signal?.aborted === true) throw thrown
      await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS), signal)
    }
}
