/**
 * Where an event came from, as it stands in the header `kappa.origin` of the event and of its dead letter:
 * `<source>|<unit>|<line>|<when taken>`. Whoever counts what arrived reads it (`kappa verify --source`, `kappa trace`).
 */
export interface Origin {
  /** Name of the source; has no `|`. */
  readonly source: string
  /** What was taken as a whole: a file by its hash, an answer by its request, rows by their mark. Has no `|`. */
  readonly unit: string
  /** Line, row or item in the unit, from 1. */
  readonly line: number
  /** When it was taken, milliseconds: rows of one transaction share it. The arrival check goes by its hour. */
  readonly takenAt: number
}

export const originText = ({ source, unit, line, takenAt }: Origin): string => `${source}|${unit}|${line}|${takenAt}`

/** Undefined for what is no such text. */
export function originOf(text: string): Origin | undefined {
  const [source, unit, line, takenAt, ...more] = text.split('|')
  if (!source || !unit || more.length > 0 || !/^\d+$/.test(line ?? '') || !/^\d+$/.test(takenAt ?? '')) return undefined
  return { source, unit, line: Number(line), takenAt: Number(takenAt) }
}

const HOUR_MS = 3_600_000

/** `2025-01-31T13`: the hour, UTC, by which arrivals are counted. */
export const hourOf = (takenAt: number): string =>
  new Date(Math.floor(takenAt / HOUR_MS) * HOUR_MS).toISOString().slice(0, 13)
