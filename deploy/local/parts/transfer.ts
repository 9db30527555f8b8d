const units: Record<string, number> = { B: 1, kB: 1_000, MB: 1_000_000, GB: 1_000_000_000 }

/**
 * Counts bytes from what Maven prints while it downloads: `Downloaded from central: <address> (18 kB at 103 kB/s)` for
 * whole files, `Progress (1): 3.4/142 MB` in between.
 */
export class TransferCount {
  #whole = 0
  #rest = ''

  /** @returns bytes so far, never fewer than before */
  add(text: string): number {
    const lines = (this.#rest + text).split(/[\r\n]/)
    this.#rest = lines.pop() ?? ''
    let underway = 0
    for (const line of lines) {
      const whole = /^Downloaded from .* \(([\d.]+) (B|kB|MB|GB) at /.exec(line)
      if (whole !== null) this.#whole += size(whole[1], whole[2])
      const part = /^Progress \(\d+\): (?:\S+ \()?([\d.]+)\/[\d.]+ (B|kB|MB|GB)/.exec(line)
      underway = part === null ? 0 : size(part[1], part[2])
    }
    this.#best = Math.max(this.#best, this.#whole + underway)
    return this.#best
  }

  #best = 0
}

const size = (amount: string | undefined, unit: string | undefined): number => Number(amount) * (units[unit ?? ''] ?? 0)
