/** DateTime64 and Date32 hold 1900-01-01 up to 2299-12-31: in days since 1970. */
export const FIRST_DAY = -25_567
export const LAST_DAY = 120_529
const DAY_MS = 86_400_000

export const PER_MS = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const

/** The first instant of a day, in a unit. */
export const firstOf = (day: number, unit: keyof typeof PER_MS): bigint => BigInt(day * DAY_MS) * PER_MS[unit]
