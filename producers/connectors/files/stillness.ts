import type { Found } from './landing.ts'

/**
 * Tells files that are still being written: one is still once it was last written long enough ago, or looks the same as long
 * ago as that (clocks of file servers may be ahead).
 */
export class Stillness {
  private readonly stillMs: number
  private readonly looks = new Map<string, { readonly bytes: number; readonly modified: number; readonly at: number }>()

  constructor(stillMs: number) {
    this.stillMs = stillMs
  }

  isStill({ name, bytes, modified }: Found, now: number): boolean {
    if (now - modified >= this.stillMs) return true
    const look = this.looks.get(name)
    if (look?.bytes === bytes && look.modified === modified) return now - look.at >= this.stillMs
    this.looks.set(name, { bytes, modified, at: now })
    return false
  }
}
