/** An event as a case has it, with its place in the input. */
export interface Taken {
  readonly index: number
  readonly key: string
  readonly ts: number
  readonly value: number
}

/** What an aggregate makes of the events of a window, in the order in which they came. */
export function aggregated(aggregate: string, events: readonly Taken[]): unknown {
  const values = events.map(({ value }) => value)
  switch (aggregate) {
    case 'count':
      return values.length
    case 'sum':
      return values.reduce((sum, value) => sum + value, 0)
    case 'max':
      return Math.max(...values)
    case 'collect':
      return values
    case 'collect-sorted-by-ts':
      return [...events].sort((a, b) => a.ts - b.ts || a.index - b.index).map(({ value }) => value)
    default:
      throw new RangeError(`no reference for ${aggregate}`)
  }
}

/** Two engines, or two readings of one, would answer differently: such a case cannot be asked. */
export class Ambiguous extends Error {}
