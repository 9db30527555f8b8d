/** How good probabilities are, by what came. */
export interface Quality {
  /** Chance that one that came true scores above one that did not, equals counting half (Mann, Whitney 1947). */
  readonly auc: number
  /** Rate among the tenth with the highest scores, by the rate of all. */
  readonly lift: number
  /** Mean distance between foreseen and real rates over tenths by score, each by its rows. */
  readonly calibrationError: number
}

export interface Foreseen {
  readonly probability: number
  readonly came: boolean
}

/** Of rows of which some came true and some did not; otherwise undefined. Rows with equal scores count as one. */
export function qualityOf(rows: readonly Foreseen[]): Quality | undefined {
  const came = rows.filter((row) => row.came).length
  if (came === 0 || came === rows.length) return undefined
  const sorted = [...rows].sort((a, b) => b.probability - a.probability)
  const rate = came / rows.length
  const tenths = tenthsOf(sorted)
  const [first] = tenths
  const error = tenths.reduce((sum, { rows, foreseen, real }) => sum + rows * Math.abs(foreseen - real), 0)
  return { auc: aucOf(sorted, came), lift: (first?.real ?? 0) / rate, calibrationError: error / rows.length }
}

export interface Tenth {
  readonly rows: number
  readonly foreseen: number
  readonly real: number
}

/** The highest scores first. Where a tenth ends among equals, each of these counts as their mean. */
export function tenthsOf(sorted: readonly Foreseen[]): readonly Tenth[] {
  const evened = groupsOf(sorted).flatMap((group) => {
    const real = group.filter(({ came }) => came).length / group.length
    return group.map(({ probability }) => ({ probability, real }))
  })
  return Array.from({ length: 10 }, (_, n) => {
    const own = evened.slice(Math.round((n * evened.length) / 10), Math.round(((n + 1) * evened.length) / 10))
    const mean = (pick: (row: (typeof own)[number]) => number) =>
      own.reduce((sum, row) => sum + pick(row), 0) / (own.length || 1)
    return { rows: own.length, foreseen: mean((row) => row.probability), real: mean((row) => row.real) }
  })
}

function groupsOf(sorted: readonly Foreseen[]): readonly Foreseen[][] {
  const groups: Foreseen[][] = []
  for (const row of sorted) {
    const last = groups.at(-1)
    if (last?.[0]?.probability === row.probability) last.push(row)
    else groups.push([row])
  }
  return groups
}

function aucOf(sorted: readonly Foreseen[], came: number): number {
  let [above, below] = [0, sorted.length - came]
  for (const group of groupsOf(sorted)) {
    const hits = group.filter((row) => row.came).length
    const misses = group.length - hits
    below -= misses
    above += hits * (below + misses / 2)
  }
  return above / (came * (sorted.length - came))
}
