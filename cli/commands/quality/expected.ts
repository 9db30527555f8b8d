import type { Figures, Measured } from './figures.ts'

/** A figure that is not as the rules of its source expect. */
export interface Shortfall {
  readonly source: string
  readonly topic: string
  readonly window: string | null
  readonly figure: 'completeness' | 'uniqueness' | 'validity' | 'meanAgeSeconds'
  readonly found: number
  readonly expected: number
}

const SHARES = ['completeness', 'uniqueness', 'validity'] as const

/** Every figure below what is expected of it, and mean ages above. A figure of nothing is as expected. */
export function shortfalls(figures: readonly Figures[], measured: readonly Measured[]): readonly Shortfall[] {
  return figures.flatMap((one) => {
    const { source, topic, window } = one
    const expect = measured.find((other) => other.source === source && other.topic === topic)?.expect ?? {}
    const short: Shortfall[] = []
    for (const figure of SHARES) {
      const [found, expected] = [one[figure], expect[figure]]
      if (found !== null && expected !== undefined && found < expected)
        short.push({ source, topic, window, figure, found, expected })
    }
    const { meanAgeSeconds: found } = one
    const { meanAgeSeconds: expected } = expect
    if (found !== null && expected !== undefined && found > expected)
      short.push({ source, topic, window, figure: 'meanAgeSeconds', found, expected })
    return short
  })
}
