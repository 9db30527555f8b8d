import type { Incident, IncidentKind } from '../../producers/shop/index.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What a fortnight holds, in an order that the seed decides. */
const KINDS: readonly IncidentKind[] = [
  'checkout-failure',
  'bot-burst',
  'slow-drift',
  'quiet-night',
  'holiday',
  'checkout-failure',
]

/** Days before the first incident, from which the detectors learn. */
const QUIET_DAYS = 4

/** Places the incidents over fourteen days: an ordinary day at least between the long ones; hours and minutes by chance. */
export function scenarioOf(seed: number, start: number): readonly Incident[] {
  const random = chanceOf(seed)
  const order = KINDS.map((kind) => ({ kind, at: random() })).sort((a, b) => a.at - b.at)
  const incidents: Incident[] = []
  let day = start + QUIET_DAYS * DAY
  for (const { kind } of order) {
    const [from, length, days] = spanOf(kind, random)
    incidents.push({ kind, start: day + from, end: day + from + length })
    day += days * DAY
  }
  return incidents
}

/** Beginning within the day, length, and days until the next incident's day. */
function spanOf(kind: IncidentKind, random: () => number): readonly [number, number, number] {
  const between = (first: number, last: number): number =>
    Math.floor(((first + (last - first) * random()) * HOUR) / MINUTE) * MINUTE
  switch (kind) {
    // While Europe or America is awake: a failure that nobody runs into leaves no trace.
    case 'checkout-failure':
      return [between(8, 21), 20 * MINUTE, 1]
    case 'bot-burst':
      return [between(0, 22), 30 * MINUTE, 1]
    case 'slow-drift':
      return [between(0, 10), 48 * HOUR, 3]
    case 'quiet-night':
      return [between(22, 23), 6 * HOUR, 2]
    case 'holiday':
      return [0, DAY, 1]
  }
}

/** SplitMix32 (Steele, Lea, Flood 2014): numbers in `[0, 1)` from a seed, none of the generator's own. */
function chanceOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9)
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
  }
}
